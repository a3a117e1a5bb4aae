"""A parked message is kept as it was heard, to the byte."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from libs.events.hearing import Reason, aside
from libs.events.message import Header
from libs.events.parked_rows import ParkedMessage, park_columns, read_parked, write_headers

NAMES = (
    "offset",
    "record",
    "version",
    "name",
    "reason",
    "detail",
    "key",
    "value",
    "headers",
)
HEADERS = st.lists(st.tuples(st.text(max_size=10), st.none() | st.binary(max_size=20)), max_size=5)


def _row(message: ParkedMessage) -> dict[str, Any]:
    """The row as Postgres would give it back."""
    columns = park_columns([aside(message, Reason.UNREADABLE, "why")])
    row = {name: column[0] for name, column in zip(NAMES, columns, strict=True)}
    place = {"topic": message.topic, "kafka_partition": message.partition}
    return {**row, **place, "kafka_offset": row["offset"]}


@given(
    key=st.none() | st.binary(max_size=40),
    value=st.none() | st.binary(max_size=40),
    headers=HEADERS,
)
def test_any_message_comes_back_as_it_was_heard(
    key: bytes | None, value: bytes | None, headers: list[Header]
) -> None:
    """P20: key, value and headers are kept as they are: none, twins, any bytes."""
    message = ParkedMessage("quotes.events", 2, 17, key, value, tuple(headers))
    assert read_parked(_row(message)) == message


@given(HEADERS)
def test_headers_are_json_that_postgres_takes(headers: list[Header]) -> None:
    """Postgres keeps no NUL and no half character in its JSON, so none is written."""
    written = write_headers(headers)
    assert "\\u0000" not in written
    assert "\\ud8" not in written
    assert len(json.loads(written)) == len(headers)
