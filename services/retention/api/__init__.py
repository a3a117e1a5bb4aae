"""Doors: what may be asked of retention, and what it hears."""
