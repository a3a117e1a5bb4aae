"""Passwords and keys of a stack: made once from the system's randomness, readable by us only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from libs.doors.key_file import with_new_key
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
        _keep(stack.secrets / f"door-{service}.key", _hex_key)
    _keep(stack.secrets / "blind-index.key", _hex_key)
    if not list_epochs(stack.keys):  # a shred round that ended the first epoch ended it for good
        _keep(stack.keys / "epoch-0001.key", lambda: secrets.token_bytes(KEY_BYTES))
    _keep(stack.keys / "certificate-signing.pem", _private_key)
    _keep(stack.secrets / "token-signing.pem", _private_key)
    _keep(
        stack.secrets / "token-verify.pem",
        lambda: _public(stack.secrets / "token-signing.pem"),
    )


def rotate_links(stack: Stack, service: str, *, now: datetime, until: datetime) -> None:
    """Let a service sign its links with a new secret; the present ones hold until a moment."""
    path = stack.secrets / f"link-{service}.key"
    text = path.read_text(encoding="ascii")
    fresh = _hex_key().decode()
    _replace(path, with_new_key(text, fresh, now=now, until=until).encode())


def rotate_tokens(stack: Stack, *, now: datetime, until: datetime) -> None:
    """Sign tokens with a new key; what the present ones signed holds until a moment.

    Why: every door trusts the new key before anything is signed with it.
    """
    fresh, path = _private_key(), stack.secrets / "token-verify.pem"
    text = path.read_text(encoding="ascii")
    trusted = with_new_key(text, _public_of(fresh).decode(), now=now, until=until)
    _replace(path, trusted.encode())
    _replace(stack.secrets / "token-signing.pem", fresh)


def _keep(path: Path, make: Callable[[], bytes]) -> None:
    if not path.exists():
        _replace(path, make())


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
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
    return _public_of(private.read_bytes())


def _public_of(private_pem: bytes) -> bytes:
    key = serialization.load_pem_private_key(private_pem, password=None)
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
