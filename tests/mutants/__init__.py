"""Faults planted in a copy of the tree, each of which must turn a named test red."""
