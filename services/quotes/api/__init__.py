"""Doors: what callers and other services may ask of quotes."""
