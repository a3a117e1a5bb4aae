"""What is true of consent without anything running."""
