"""Keeping: the tables of the views and of the sweep."""
