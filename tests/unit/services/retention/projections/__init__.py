"""How retention sees."""
