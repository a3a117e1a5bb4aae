"""The doors: what staff may ask of billing, and what billing hears."""
