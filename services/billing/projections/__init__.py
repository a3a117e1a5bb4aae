"""Seeing: the registers of orders, invoices and holds, as pure folds."""
