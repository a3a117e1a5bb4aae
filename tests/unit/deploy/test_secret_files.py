"""Passwords and keys of a stack."""

from __future__ import annotations

import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from deploy.native.secret_files import make_all
from deploy.native.stack import Ports, Stack


def made(home: Path) -> tuple[Stack, dict[str, bytes]]:
    """A stack with its secrets, and what is in each file."""
    stack = Stack(home=home, ports=Ports(9000))
    make_all(stack)
    files = [path for folder in (stack.secrets, stack.keys) for path in folder.iterdir()]
    return stack, {path.name: path.read_bytes() for path in files}


def test_secrets_are_made_once(tmp_path: Path) -> None:
    """A second setup leaves every password and key as it was."""
    assert made(tmp_path)[1] == made(tmp_path)[1]


def test_secrets_of_two_stacks_differ(tmp_path: Path) -> None:
    """No secret is a constant of the code."""
    one, other = made(tmp_path / "one")[1], made(tmp_path / "other")[1]
    assert not [name for name in one if one[name] == other[name]]


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    """Neither the group nor others may read a secret or list their folder."""
    stack, _ = made(tmp_path)
    paths = [one for folder in (stack.secrets, stack.keys) for one in (folder, *folder.iterdir())]
    assert not [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_token_key_verifies_what_was_signed(tmp_path: Path) -> None:
    """The public half belongs to the private half."""
    _, files = made(tmp_path)
    private = load_pem_private_key(files["token-signing.pem"], password=None)
    public = load_pem_public_key(files["token-verify.pem"])
    assert isinstance(private, Ed25519PrivateKey)
    assert isinstance(public, Ed25519PublicKey)
    public.verify(private.sign(b"x"), b"x")


def test_epoch_key_has_256_bits(tmp_path: Path) -> None:
    """The key that wraps all others is as long as AES-256 asks."""
    assert len(made(tmp_path)[1]["epoch-0001.key"]) == 32


def test_epoch_that_was_ended_is_not_begun_again(tmp_path: Path) -> None:
    """A start after a shred round makes no key for the epoch that the round destroyed."""
    stack, _ = made(tmp_path)
    (stack.keys / "epoch-0001.key").rename(stack.keys / "epoch-0002.key")
    make_all(stack)
    assert [one.name for one in stack.keys.glob("epoch-*")] == ["epoch-0002.key"]
