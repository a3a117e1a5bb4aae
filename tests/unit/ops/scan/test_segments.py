"""Kafka's compressed batches are opened, and what cannot be opened is said."""

from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from ops.scan.segments import SegmentUnreadable, opened_batches

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
SECRET = b"Noor de Wit, Kerkstraat 12"


def batch(codec: int, key: bytes = b"k", value: bytes | None = b"v") -> bytes:
    """A batch as a producer sends it, one record in it."""
    builder: Any = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, 0, 16_384)
    builder.append(0, 0, key, value, [("header", SECRET if key == b"h" else b"x")])
    return bytes(builder.build())


@pytest.mark.parametrize(
    ("codec", "name"), [(GZIP, "gzip"), (SNAPPY, "snappy"), (LZ4, "lz4"), (ZSTD, "zstd")]
)
@pytest.mark.parametrize(("key", "value"), [(SECRET, b"v"), (b"k", SECRET * 50), (b"h", None)])
def test_compressed_record_is_seen_whole(
    codec: int, name: str, key: bytes, value: bytes | None
) -> None:
    """Keys, values and headers are searched as they were sent."""
    data = batch(0) + batch(codec, key, value)
    (one,) = opened_batches(data)
    assert (one.at, one.codec) == (len(batch(0)), name)
    assert SECRET in one.content


def test_plain_batch_is_left_to_the_search_of_the_file() -> None:
    """A batch that is not compressed lies readable in the file and is not opened."""
    data = batch(0, value=SECRET)
    assert SECRET in data
    assert list(opened_batches(data)) == []


def test_zeros_at_the_end_are_room_made_ahead() -> None:
    """A segment may have been made longer than it is."""
    assert len(list(opened_batches(batch(ZSTD) + bytes(4096)))) == 1


@pytest.mark.parametrize("torn", [batch(ZSTD)[:-3], b"\x01" * 40])
def test_a_torn_end_is_not_passed_over(torn: bytes) -> None:
    """Bytes that are no whole batch were not searched, and that is said."""
    with pytest.raises(SegmentUnreadable, match="no whole batch"):
        list(opened_batches(batch(ZSTD) + torn))


def test_damaged_batch_is_not_passed_over() -> None:
    """A compressed batch that does not open was not searched, and that is said."""
    whole = batch(ZSTD, value=SECRET * 20)
    damaged = whole[:70] + bytes(len(whole) - 70)
    with pytest.raises(SegmentUnreadable, match="batch at 0"):
        list(opened_batches(damaged))
