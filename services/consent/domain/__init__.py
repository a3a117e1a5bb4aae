"""Deciding: one file per stream, pure."""
