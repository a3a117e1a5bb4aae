"""Passwords and keys of a stack: made once from the system's randomness, readable by us only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from libs.keyring.epoch_keys import list_epochs

from deploy.native.stack import ROLES, SERVICES, Stack

KEY_BYTES = 32


def make_all(stack: Stack) -> None:
    """Make every secret that is not there yet; what is there stays as it is."""
    for folder in (stack.secrets, stack.keys):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    for role in ("superuser", *ROLES):
        _keep(stack.secrets / f"postgres-{role}.password", _password)
    for name in ("s3-access.key", "s3-secret.key", "supervisor.password"):
        _keep(stack.secrets / name, _password)
    for service in SERVICES:
        _keep(stack.secrets / f"link-{service}.key", _hex_key)
    _keep(stack.secrets / "blind-index.key", _hex_key)
    if not list_epochs(stack.keys):  # a shred round that ended the first epoch ended it for good
        _keep(stack.keys / "epoch-0001.key", lambda: secrets.token_bytes(KEY_BYTES))
    _keep(stack.keys / "certificate-signing.pem", _private_key)
    _keep(stack.secrets / "token-signing.pem", _private_key)
    _keep(
        stack.secrets / "token-verify.pem",
        lambda: _public(stack.secrets / "token-signing.pem"),
    )


def _keep(path: Path, make: Callable[[], bytes]) -> None:
    if path.exists():
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(make())
    fresh.replace(path)


def _password() -> bytes:
    return secrets.token_hex(20).encode()


def _hex_key() -> bytes:
    return secrets.token_hex(KEY_BYTES).encode()


def _private_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public(private: Path) -> bytes:
    key = serialization.load_pem_private_key(private.read_bytes(), password=None)
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
