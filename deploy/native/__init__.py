"""The whole system on one machine, from wheels, jars and one Go binary, without containers."""
