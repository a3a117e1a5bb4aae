"""How consent acts."""
