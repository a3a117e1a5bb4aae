"""How retention decides."""
