"""What quotes takes in at its doors."""
