"""Seeing: one file per view, a pure fold."""
