"""The byte scan on files, batches and folders made for a test."""
