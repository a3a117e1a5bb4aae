"""The keyring keeps what it promises."""
