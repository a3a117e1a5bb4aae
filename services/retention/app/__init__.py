"""Doing: reactions, the sweep and the one path of erasure."""
