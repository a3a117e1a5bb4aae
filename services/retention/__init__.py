"""Retention: a clock for every record, and the one path by which records go."""
