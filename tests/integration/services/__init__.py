"""The four services on real parts."""
