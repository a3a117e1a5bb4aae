"""The erasure protocol as a model, every state of it visited."""
