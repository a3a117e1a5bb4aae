"""Seeing: the clocks and the erasures under way, as pure folds."""
