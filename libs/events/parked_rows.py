"""Messages set aside, as rows of the parked table and back."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from libs.events.hearing import Aside
from libs.events.message import Header


@dataclass(frozen=True)
class ParkedMessage:
    """A parked message as it was heard."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]


def park_columns(asides: Sequence[Aside]) -> list[list[Any]]:
    """The columns that `park_messages` inserts."""
    rows = [
        (
            one.message.offset,
            one.record,
            one.version,
            one.name,
            one.reason.value,
            one.detail,
            one.message.key,
            one.message.value,
            write_headers(one.message.headers),
        )
        for one in asides
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def write_headers(headers: Sequence[Header]) -> str:
    """Headers as JSON that gives back the same bytes.

    Why: names are percent-encoded, because Postgres keeps no NUL in its JSON.
    """
    pairs = [
        [quote(name), None if raw is None else base64.b64encode(raw).decode()]
        for name, raw in headers
    ]
    return json.dumps(pairs)


def read_parked(row: Any) -> ParkedMessage:
    """The message that a row keeps."""
    pairs = json.loads(row["headers"])
    return ParkedMessage(
        topic=row["topic"],
        partition=row["kafka_partition"],
        offset=row["kafka_offset"],
        key=row["key"],
        value=row["value"],
        headers=tuple(
            (unquote(name), None if raw is None else base64.b64decode(raw)) for name, raw in pairs
        ),
    )
