"""Billing on real parts."""
