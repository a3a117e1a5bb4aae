"""Deciding: the rules of a quote, pure."""
