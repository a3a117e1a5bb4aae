"""The rules of the benches themselves."""
