"""Files that a program compressed as a whole (rotated logs), opened by their first bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cramjam

MAGIC: dict[bytes, Callable[[bytes], Any]] = {
    b"\x1f\x8b\x08": cramjam.gzip.decompress,
    b"\x28\xb5\x2f\xfd": cramjam.zstd.decompress,
    b"\x04\x22\x4d\x18": cramjam.lz4.decompress,
    b"\xff\x06\x00\x00sNaPpY": cramjam.snappy.decompress,
}
MAGIC_BYTES = max(map(len, MAGIC))


class CompressedUnreadable(Exception):
    """A file looks compressed and cannot be opened; what is in it was not searched."""


def is_compressed(beginning: bytes) -> bool:
    """Whether a file that begins so is compressed in a way we can open."""
    return any(beginning.startswith(magic) for magic in MAGIC)


def opened(data: bytes) -> bytes:
    """The content of a compressed file.

    Raises: CompressedUnreadable.
    """
    open_it = next(work for magic, work in MAGIC.items() if data.startswith(magic))
    try:
        return bytes(open_it(data))
    except cramjam.DecompressionError as error:
        raise CompressedUnreadable("looks compressed but cannot be opened") from error
