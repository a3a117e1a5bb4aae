"""Rules of libs.doors, without network or disk."""
