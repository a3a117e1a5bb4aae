"""Takes a request for a price, makes an offer, and remembers what became of it."""
