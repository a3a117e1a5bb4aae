"""Consent on real parts."""
