"""Yesterday's bytes are read today: schemas and wire samples of every event version."""
