"""The command, without a stack."""
