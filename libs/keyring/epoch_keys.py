"""Epoch keys wrap data keys and lie outside Postgres: a file per epoch here, or a KMS.

Why: destroying an epoch key makes every key wrapped under it unreadable wherever a copy is left.
Source: D8.
"""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libs.events.errors import FluxError
from libs.keyring.key_files import destroy_secret, write_new_secret
from libs.keyring.openings import KeyringUnavailable

KEY_BYTES = 32
NONCE_BYTES = 12
_NAME = re.compile(r"^epoch-(\d{4,})\.key$")


class EpochKeyGone(KeyringUnavailable):
    """The key of that epoch is not here: not mounted yet, or its epoch has ended."""


class NotWrappedHere(FluxError):
    """The bytes were not wrapped under that epoch for that place."""


class EpochKeys(Protocol):
    """Wraps and unwraps secrets under the keys of epochs; nobody else ever sees those keys."""

    def current(self) -> int:
        """The newest epoch whose key is here.

        Raises: EpochKeyGone, when there is none.
        """

    def wrap(self, epoch: int, secret: bytes, bound_to: bytes) -> bytes:
        """The secret, locked under that epoch and bound to its place.

        Raises: EpochKeyGone.
        """

    def unwrap(self, epoch: int, wrapped: bytes, bound_to: bytes) -> bytes:
        """The secret again.

        Raises: EpochKeyGone; NotWrappedHere, when the bytes were moved or changed.
        """

    def forget_gone(self) -> None:
        """Drops from memory whatever it holds of epochs that have ended."""


class EpochVault(EpochKeys, Protocol):
    """Epoch keys as a shred round needs them: it also makes and destroys them."""

    def create(self, epoch: int) -> None:
        """Makes the key of an epoch, safe against a power cut; nothing when it is there."""

    def destroy(self, epoch: int) -> None:
        """Destroys the key of an epoch, for good; nothing when it is gone, and resumable."""


class FileEpochKeys:
    """Epoch keys in files `epoch-0001.key` of 32 random bytes, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        """Read keys from `folder` when they are first needed."""
        self._folder = folder
        self._ciphers: dict[int, AESGCM] = {}

    def current(self) -> int:
        """The newest epoch that has a file."""
        epochs = list_epochs(self._folder)
        if not epochs:
            message = "no epoch key is in the keys folder: mount it, or run the setup"
            raise EpochKeyGone(message)
        return epochs[-1]

    def wrap(self, epoch: int, secret: bytes, bound_to: bytes) -> bytes:
        """Nonce and ciphertext, 60 bytes for a data key."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher(epoch).encrypt(nonce, secret, bound_to)

    def unwrap(self, epoch: int, wrapped: bytes, bound_to: bytes) -> bytes:
        """The secret that was wrapped for this place."""
        nonce, locked = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._cipher(epoch).decrypt(nonce, locked, bound_to)
        except (InvalidTag, ValueError) as error:
            raise NotWrappedHere from error

    def forget_gone(self) -> None:
        """Drops the keys whose files are gone."""
        for epoch in [one for one in self._ciphers if not path_of(self._folder, one).exists()]:
            del self._ciphers[epoch]

    def create(self, epoch: int) -> None:
        """Makes the file, unless it is there: a round that was killed had made it."""
        with suppress(FileExistsError):
            create_epoch_key(self._folder, epoch)

    def destroy(self, epoch: int) -> None:
        """Writes over the file in place, and removes it."""
        self._ciphers.pop(epoch, None)
        destroy_secret(path_of(self._folder, epoch))

    def _cipher(self, epoch: int) -> AESGCM:
        path = path_of(self._folder, epoch)
        if not path.exists():  # asked every time, so that a destroyed key is not used from memory
            self._ciphers.pop(epoch, None)
            message = f"the key of epoch {epoch} is not in the keys folder: nothing was read"
            raise EpochKeyGone(message)
        if epoch not in self._ciphers:
            self._ciphers[epoch] = AESGCM(_read_key(path, epoch))
        return self._ciphers[epoch]


def _read_key(path: Path, epoch: int) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        message = f"the key of epoch {epoch} cannot be read ({error.strerror}): check its owner"
        raise EpochKeyGone(message) from error
    if len(key) != KEY_BYTES:
        message = f"the key of epoch {epoch} is {len(key)} bytes long, not {KEY_BYTES}: restore it"
        raise EpochKeyGone(message)
    return key


def path_of(folder: Path, epoch: int) -> Path:
    """Where the key of an epoch lies."""
    return folder / f"epoch-{epoch:04d}.key"


def list_epochs(folder: Path) -> list[int]:
    """The epochs that have a key file, oldest first."""
    names = (_NAME.match(path.name) for path in folder.glob("epoch-*.key"))
    return sorted(int(name[1]) for name in names if name)


def create_epoch_key(folder: Path, epoch: int) -> None:
    """Makes the key of an epoch, readable by its owner only, and sees it safely on the disk.

    Raises: FileExistsError, when there is one: an epoch key is never written over with another.
    """
    write_new_secret(path_of(folder, epoch), os.urandom(KEY_BYTES))
