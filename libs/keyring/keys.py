"""Data keys: made at random, wrapped by an epoch key for storage, bound to their place."""

import hashlib
import struct
from dataclasses import dataclass, field
from uuid import UUID

SECRET_BYTES = 32
"""Length of a data key's secret: AES-256."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key that makes one category of one record readable; its secret is never printed."""

    record: UUID
    category: str
    revision: int
    secret: bytes = field(repr=False)

    def __reduce__(self) -> str | tuple[object, ...]:
        """Never leaves the process by pickling.

        Raises: TypeError, always.
        """
        raise TypeError("a data key is not to be stored or sent; wrap it")


def bound_to(record: UUID, category: str, *, revision: int, epoch: int) -> bytes:
    """The bytes that tie a wrapped key to its row, so that it opens nowhere else."""
    return (
        b"flux3d.data-key.1"
        + record.bytes
        + struct.pack(">II", revision, epoch)
        + category.encode()
    )


def fingerprint(key: DataKey) -> bytes:
    """Knows a destroyed key again in an old copy, under whichever epoch, and reveals nothing."""
    return hashlib.sha256(b"flux3d.key-fingerprint.1" + key.record.bytes + key.secret).digest()
