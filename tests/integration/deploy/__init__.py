"""The native stack, as its users meet it."""
