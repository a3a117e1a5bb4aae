"""Orders, invoices, and the law's hold on what they must show."""
