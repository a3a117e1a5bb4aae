"""Files that a program compressed as a whole (old logs, backups), known by their first bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cramjam


@dataclass(frozen=True, slots=True)
class Format:
    """One way in which programs compress files."""

    name: str
    magic: bytes
    open: Callable[[bytes], Any]


FORMATS = (
    Format("gzip", b"\x1f\x8b\x08", cramjam.gzip.decompress),
    Format("zstd", b"\x28\xb5\x2f\xfd", cramjam.zstd.decompress),
    Format("lz4", b"\x04\x22\x4d\x18", cramjam.lz4.decompress),
    Format("snappy", b"\xff\x06\x00\x00sNaPpY", cramjam.snappy.decompress),
)
MAGIC_BYTES = max(len(one.magic) for one in FORMATS)


class CompressedUnreadable(Exception):
    """A file looks compressed and cannot be opened; what is in it was not searched."""


def format_of(beginning: bytes) -> Format | None:
    """How a file that begins so is compressed, or nothing when it is not."""
    return next((one for one in FORMATS if beginning.startswith(one.magic)), None)


def opened(data: bytes, form: Format) -> bytes:
    """The content of a compressed file.

    Raises: CompressedUnreadable.
    """
    try:
        return bytes(form.open(data))
    except cramjam.DecompressionError as error:
        raise CompressedUnreadable("looks compressed but cannot be opened") from error
