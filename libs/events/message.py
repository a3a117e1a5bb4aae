"""Facts as Kafka messages and back: CloudEvents 1.0 in binary mode.

Source: CloudEvents Kafka protocol binding 1.0.2 §3.2; W3C Trace Context.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from libs.events.codec import Decode, decode_event
from libs.events.errors import Unreadable
from libs.events.recorded import Recorded
from libs.events.seal import check_places
from libs.events.values import Owner

Header = tuple[str, bytes | None]
TYPE_PREFIX = "nl.flux3d."
SOURCE_PREFIX = "/flux3d/"
VERSION_MAX = 2**31 - 1
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
REQUIRED = (
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_subject",
    "ce_time",
    "ce_dataversion",
    "ce_recordversion",
    "ce_correlationid",
)


@dataclass(frozen=True)
class Message:
    """What lies on the topic: key, value and headers."""

    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def to_message(recorded: Recorded) -> Message:
    """The message that carries a fact, the same bytes each time."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(recorded.event_id),
        "ce_source": SOURCE_PREFIX + recorded.owner,
        "ce_type": TYPE_PREFIX + recorded.name,
        "ce_subject": str(recorded.record),
        "ce_partitionkey": str(recorded.record),
        "ce_time": recorded.recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "ce_dataschema": f"urn:flux3d:event:{recorded.name}:{recorded.schema_version}",
        "ce_dataversion": str(recorded.schema_version),
        "ce_recordversion": str(recorded.version),
        "ce_correlationid": str(recorded.correlation_id),
        "ce_causationid": str(recorded.causation_id) if recorded.causation_id else None,
        "traceparent": recorded.traceparent,
        "content-type": "application/json",
    }
    return Message(
        key=str(recorded.record).encode(),
        value=recorded.data.encode(),
        headers=tuple((name, text.encode()) for name, text in headers.items() if text is not None),
    )


def from_message(
    key: bytes | None,
    value: bytes | None,
    headers: Iterable[Header],
    decode: Decode = decode_event,
) -> Recorded:
    """The fact that a message carries.

    Raises: Unreadable, which names what is missing or wrong and quotes no content.
    """
    named = read_headers(headers)
    missing = [name for name in REQUIRED if name not in named]
    if missing or value is None:
        message = f"the message lacks {', '.join(missing) or 'its value'}"
        raise Unreadable(message)
    try:
        recorded = _read(named, value, decode)
    except (ValueError, KeyError, OverflowError) as error:
        message = f"a header of the message is malformed ({type(error).__name__})"
        raise Unreadable(message) from None
    if key != str(recorded.record).encode():
        message = "the message's key is not its record"
        raise Unreadable(message)
    return recorded


def read_headers(headers: Iterable[Header]) -> dict[str, str]:
    """The headers by name; null values are left out, the first of twins counts."""
    named: dict[str, str] = {}
    for name, raw in headers:
        if raw is not None:
            named.setdefault(name, raw.decode("utf-8", errors="replace"))
    return named


def record_of_message(key: bytes | None) -> UUID | None:
    """The record that a message's key names, readable or not."""
    try:
        return UUID((key or b"").decode())
    except ValueError:
        return None


def _read(named: Mapping[str, str], value: bytes, decode: Decode) -> Recorded:
    name = named["ce_type"].removeprefix(TYPE_PREFIX)
    schema_version = int(named["ce_dataversion"])
    causation = named.get("ce_causationid")
    event_id = UUID(named["ce_id"])
    event = decode(name, schema_version, value)
    check_places(event, event_id)
    return Recorded(
        event_id=event_id,
        owner=Owner(named["ce_source"].removeprefix(SOURCE_PREFIX)),
        record=UUID(named["ce_subject"]),
        version=read_version(named["ce_recordversion"]),
        event=event,
        schema_version=schema_version,
        recorded_at=_read_instant(named["ce_time"]),
        correlation_id=UUID(named["ce_correlationid"]),
        causation_id=UUID(causation) if causation else None,
        traceparent=_read_traceparent(named.get("traceparent")),
        data=value.decode(),
    )


def read_version(text: str) -> int:
    """The place of a fact in its record.

    Raises: ValueError, when it is no whole number from one to what the log can keep.
    """
    version = int(text)
    if not 1 <= version <= VERSION_MAX:
        message = "a record's versions count from one"
        raise ValueError(message)
    return version


def _read_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        message = "the time names no zone"
        raise ValueError(message)
    return instant.astimezone(UTC)


def _read_traceparent(text: str | None) -> str | None:
    """A trace that is malformed is left out, as W3C Trace Context §3.2 asks."""
    return text if text and _TRACEPARENT.fullmatch(text) else None
