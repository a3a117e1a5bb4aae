"""Doing: commands and reactions, with the keyring and the log at hand."""
