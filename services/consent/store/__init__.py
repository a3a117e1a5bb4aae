"""Keeping: rows of the views, in and out."""
