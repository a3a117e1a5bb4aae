"""How retention does."""
