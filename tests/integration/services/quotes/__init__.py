"""Quotes on real parts."""
