"""Keeping: rows of views in and out."""
