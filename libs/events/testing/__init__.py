"""Given/when/then for deciders, and in-memory twins of the log and the bus."""
