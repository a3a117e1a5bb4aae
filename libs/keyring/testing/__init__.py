"""Stand-ins for the keyring, and the rules that every keyring keeps."""
