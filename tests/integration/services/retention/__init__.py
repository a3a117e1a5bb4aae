"""Retention on a real Postgres and a real keyring."""
