"""How consent sees."""
