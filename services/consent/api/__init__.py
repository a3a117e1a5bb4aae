"""Doors: what callers may ask and what they see."""
