"""Rules of libs.doors, on the real parts."""
