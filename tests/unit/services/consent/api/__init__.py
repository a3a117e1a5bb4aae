"""What callers see of consent."""
