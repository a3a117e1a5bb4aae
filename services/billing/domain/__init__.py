"""Deciding: one order's life, its VAT, its invoice and its hold; pure."""
