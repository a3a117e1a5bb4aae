"""Whose a record is, and the key that makes it readable: destroying the key is the erasure."""
