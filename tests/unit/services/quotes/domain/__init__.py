"""What quotes decides."""
