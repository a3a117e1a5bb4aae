"""Compressed files are opened by what they begin with."""

import cramjam
import pytest

from ops.scan.compressed import CompressedUnreadable, is_compressed, opened

CONTENT = b"GET /api/quotes from 192.0.2.0\n" * 100


@pytest.mark.parametrize(
    "packed",
    [
        bytes(cramjam.gzip.compress(CONTENT)),
        bytes(cramjam.zstd.compress(CONTENT)),
        bytes(cramjam.lz4.compress(CONTENT)),
        bytes(cramjam.snappy.compress(CONTENT)),
    ],
)
def test_compressed_file_is_read_as_it_was(packed: bytes) -> None:
    """Each of the four formats is recognised and opened."""
    assert is_compressed(packed)
    assert opened(packed) == CONTENT


def test_other_files_are_left_alone() -> None:
    """A file that is not compressed is not opened."""
    assert not is_compressed(CONTENT)


def test_damaged_file_is_not_passed_over() -> None:
    """A file that looks compressed and does not open was not searched, and that is said."""
    with pytest.raises(CompressedUnreadable):
        opened(bytes(cramjam.gzip.compress(CONTENT))[:40])
