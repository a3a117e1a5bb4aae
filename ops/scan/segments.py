"""Kafka's segments: batches opened, so that a compressed record is searched as it was sent."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cramjam
from aiokafka.errors import KafkaError
from aiokafka.record import MemoryRecords

HEADER = struct.Struct(">qi")
MAGIC_AT, ATTRIBUTES_AT, CODEC_MASK = 16, 22, 0x07
OLD_MAGIC = 2
CODECS = {1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
UNREADABLE = (KafkaError, cramjam.DecompressionError, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in one compressed batch, where it begins, and how it was compressed."""

    at: int
    codec: str
    content: bytes


class SegmentUnreadable(Exception):
    """A batch of a segment could not be opened; what was in it was not searched."""


def opened_batches(data: bytes) -> Iterator[Opened]:
    """The keys, values and headers of each compressed batch, opened, with the batch's place.

    Why: in a batch that is not compressed they lie in the file as they were sent.
    Raises: SegmentUnreadable, when bytes are left that are no batch.
    """
    for at, batch in _batches(data):
        if not _is_compressed(batch):
            continue
        try:
            yield Opened(at, _codec(batch), b"\n".join(_contents(batch)))
        except UNREADABLE as error:
            message = f"batch at {at}: {type(error).__name__}"
            raise SegmentUnreadable(message) from error


def _batches(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while len(data) - at >= HEADER.size:
        _, length = HEADER.unpack_from(data, at)
        end = at + HEADER.size + length
        if length <= 0 or end > len(data):
            break
        yield at, data[at:end]
        at = end
    if data[at:].strip(b"\0"):
        message = f"{len(data) - at} bytes at {at} are no whole batch"
        raise SegmentUnreadable(message)


def _is_compressed(batch: bytes) -> bool:
    old = batch[MAGIC_AT] < OLD_MAGIC  # their attributes lie elsewhere; opening them does no harm
    return old or bool(batch[ATTRIBUTES_AT] & CODEC_MASK)


def _codec(batch: bytes) -> str:
    old = batch[MAGIC_AT] < OLD_MAGIC
    return "old" if old else CODECS.get(batch[ATTRIBUTES_AT] & CODEC_MASK, "unknown")


def _contents(batch: bytes) -> Iterator[bytes]:
    records: Any = MemoryRecords(batch)
    while records.has_next():
        for record in records.next_batch() or ():
            yield record.key or b""
            yield record.value or b""
            for name, value in record.headers:
                yield name.encode()
                yield value or b""
