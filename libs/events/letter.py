"""Facts of the log as the relay sends them: from the row to the message, nothing in it read."""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from libs.events.message import SOURCE_PREFIX, TYPE_PREFIX
from libs.events.values import Owner


class Letter(NamedTuple):
    """A fact that is to be sent: its place in the log, and the message as it lies on the topic."""

    position: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def letter_of(row: Iterable[Any], owner: Owner) -> Letter:
    """The fact in a row of `read_outbox`: its ids are text, its time is in UTC and names no zone.

    Shape: to the byte what `to_message` makes of it.
    Why:   to read what was kept and to write it again would cost more than all the rest.
    """
    position, event_id, record, version, name, schema, at, correlation, cause, trace, data = row
    specversion, source, kind, dataschema, dataversion, content = _wording(owner, name, schema)
    key = record.encode()
    headers = [
        specversion,
        ("ce_id", event_id.encode()),
        source,
        kind,
        ("ce_subject", key),
        ("ce_partitionkey", key),
        ("ce_time", f"{at.isoformat()}Z".encode()),
        dataschema,
        dataversion,
        ("ce_recordversion", b"%d" % version),
        ("ce_correlationid", correlation.encode()),
    ]
    if cause is not None:
        headers.append(("ce_causationid", cause.encode()))
    if trace is not None:
        headers.append(("traceparent", trace.encode()))
    headers.append(content)
    return Letter(position, key, data.encode(), headers)


@cache
def _wording(owner: Owner, name: str, schema_version: int) -> tuple[tuple[str, bytes], ...]:
    """The headers that all facts of a kind share."""
    headers = {
        "ce_specversion": "1.0",
        "ce_source": SOURCE_PREFIX + owner,
        "ce_type": TYPE_PREFIX + name,
        "ce_dataschema": f"urn:flux3d:event:{name}:{schema_version}",
        "ce_dataversion": str(schema_version),
        "content-type": "application/json",
    }
    return tuple((header, text.encode()) for header, text in headers.items())
