"""How consent decides."""
