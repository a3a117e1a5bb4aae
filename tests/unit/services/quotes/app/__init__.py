"""What quotes does."""
