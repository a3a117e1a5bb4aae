"""Compressed files are opened by what they begin with."""

import cramjam
import pytest

from ops.scan.compressed import CompressedUnreadable, format_of, opened

CONTENT = b"GET /api/quotes from 192.0.2.0\n" * 100


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("gzip", bytes(cramjam.gzip.compress(CONTENT))),
        ("zstd", bytes(cramjam.zstd.compress(CONTENT))),
        ("lz4", bytes(cramjam.lz4.compress(CONTENT))),
        ("snappy", bytes(cramjam.snappy.compress(CONTENT))),
    ],
)
def test_compressed_file_is_read_as_it_was(name: str, packed: bytes) -> None:
    """Each of the four formats is recognised and opened."""
    form = format_of(packed)
    assert form is not None
    assert (form.name, opened(packed, form)) == (name, CONTENT)


def test_other_files_are_left_alone() -> None:
    """A file that is not compressed is not opened."""
    assert format_of(CONTENT) is None


def test_damaged_file_is_not_passed_over() -> None:
    """A file that looks compressed and does not open was not searched, and that is said."""
    packed = bytes(cramjam.gzip.compress(CONTENT))[:40]
    form = format_of(packed)
    assert form is not None
    with pytest.raises(CompressedUnreadable):
        opened(packed, form)
