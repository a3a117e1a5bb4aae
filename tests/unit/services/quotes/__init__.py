"""Quotes: its rules, its view and what it says to people."""
