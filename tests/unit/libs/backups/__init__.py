"""Backups as files: what a manifest finds, and when a backup ends."""
