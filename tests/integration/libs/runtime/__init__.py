"""Rules of libs.runtime, on the real parts."""
