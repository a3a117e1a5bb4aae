"""Doing: commands, reactions, letters."""
