"""The same paths on real parts."""
