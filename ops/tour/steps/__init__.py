"""One file per step of the tour, in the order they are walked."""
