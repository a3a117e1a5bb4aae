"""The byte scan: every byte a stack keeps, searched for people who are to be gone."""
