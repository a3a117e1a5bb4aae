"""What a machine enforces about the shape of the code."""
