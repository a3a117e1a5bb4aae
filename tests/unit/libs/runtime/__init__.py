"""Rules of libs.runtime, without network or disk."""
