"""The services, one folder each; they meet on the bus, never in an import."""
