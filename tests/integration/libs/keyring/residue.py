"""What is left of wrapped keys in raw files: every candidate, tried with every key."""

import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deploy.native.postgres_install import programs
from libs.keyring.epoch_keys import NONCE_BYTES, list_epochs, path_of
from libs.keyring.keys import bound_to

WRAPPED_BYTES = 60
IN_A_ROW = bytes([(WRAPPED_BYTES + 1) << 1 | 1])
"""How a row's 60 bytes begin on a page and in the WAL: PostgreSQL's short header."""
IN_A_COPY = rb"\\x"
"""How they begin in a dump's text, two digits to a byte; the format doubles the backslash."""

EpochSecrets = Mapping[int, bytes]


@dataclass(frozen=True)
class Place:
    """Where a data key belonged; what was wrapped for it opens for it only."""

    record: UUID
    category: str = "quote"
    revision: int = 1


def living_secrets(folder: Path) -> dict[int, bytes]:
    """The epoch keys that are still in the keys folder."""
    return {epoch: path_of(folder, epoch).read_bytes() for epoch in list_epochs(folder)}


def opened_anywhere(
    pieces: Iterable[bytes], place: Place, secrets: EpochSecrets, *, epochs: Iterable[int]
) -> set[bytes]:
    """The data keys that open from any candidate in the bytes, under any of the secrets.

    Shape: each secret is tried for each epoch, also for those it was not made for.
    """
    ciphers = [AESGCM(secret) for secret in secrets.values()]
    bounds = [
        bound_to(place.record, place.category, revision=place.revision, epoch=epoch)
        for epoch in epochs
    ]
    candidates = {one for piece in pieces for one in _candidates(piece)}
    return {
        opened
        for one in candidates
        for cipher in ciphers
        for bound in bounds
        if (opened := _open(cipher, one, bound)) is not None
    }


def _open(cipher: AESGCM, wrapped: bytes, bound: bytes) -> bytes | None:
    try:
        return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
    except InvalidTag:
        return None


def _candidates(piece: bytes) -> Iterator[bytes]:
    for at in _places(piece, IN_A_ROW):
        one = piece[at : at + WRAPPED_BYTES]
        if len(one) == WRAPPED_BYTES:
            yield one
    for at in _places(piece, IN_A_COPY):
        digits = piece[at : at + 2 * WRAPPED_BYTES]
        try:
            one = bytes.fromhex(digits.decode("ascii"))
        except ValueError:
            continue
        if len(one) == WRAPPED_BYTES:
            yield one


def _places(piece: bytes, mark: bytes) -> Iterator[int]:
    at = piece.find(mark)
    while at >= 0:
        yield at + len(mark)
        at = piece.find(mark, at + 1)


def cluster_bytes(folder: Path) -> list[bytes]:
    """Every file of a cluster: tables, indexes, WAL, and whatever else lies there."""
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


def backup_bytes(paths: Iterable[Path]) -> list[bytes]:
    """The text of keyring backups, unpacked."""
    return [
        subprocess.run(
            [programs() / "pg_restore", "--file=-", path], check=True, capture_output=True
        ).stdout
        for path in paths
    ]
