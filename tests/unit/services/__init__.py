"""The four services, room by room."""
