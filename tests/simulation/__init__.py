"""The real handlers, reactions and deciders of all services, stepped one port call at a time."""
