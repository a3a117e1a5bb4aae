"""What quotes shows."""
