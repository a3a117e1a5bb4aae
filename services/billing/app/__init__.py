"""Doing: what happens when billing hears something, and what must happen outside Postgres."""
