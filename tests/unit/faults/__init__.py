"""The rules of the fault runs themselves."""
