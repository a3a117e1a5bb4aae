"""The log's tables and statements."""
