"""Taking backups of a whole stack, bringing one back, and trying that on a copy."""
