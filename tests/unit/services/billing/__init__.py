"""Billing: its rules, its registers and what it does outside."""
