"""The command and the byte scan on the real parts."""
