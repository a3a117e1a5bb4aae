"""The ground the services stand on, piece by piece."""
