"""Rules that need no network and no disk."""
