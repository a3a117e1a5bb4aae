"""The ground the services stand on, on real parts."""
