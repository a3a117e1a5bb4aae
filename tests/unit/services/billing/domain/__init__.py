"""What billing decides."""
