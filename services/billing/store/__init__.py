"""Keeping: rows of the registers, the invoice series, and the shelf of sealed invoices."""
