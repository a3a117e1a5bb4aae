"""Seeing: what can be asked about quotes, folded from their facts."""
