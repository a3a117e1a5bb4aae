"""Measures what the system does beside the plain way to do it, in the same round."""
