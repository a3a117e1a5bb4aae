"""The policy: its calendar, its file and its evidence."""
