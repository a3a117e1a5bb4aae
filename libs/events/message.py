"""Facts as Kafka messages and back: CloudEvents 1.0 in binary mode.

Source: CloudEvents Kafka protocol binding 1.0.2 §3.2; W3C Trace Context.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from libs.events.codec import decode_event
from libs.events.errors import Unreadable
from libs.events.recorded import Recorded
from libs.events.values import Owner

Header = tuple[str, bytes | None]
TYPE_PREFIX = "nl.flux3d."
SOURCE_PREFIX = "/flux3d/"
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


def from_message(key: bytes | None, value: bytes | None, headers: Iterable[Header]) -> Recorded:
    """The fact that a message carries.

    Raises: Unreadable, which names what is missing or wrong and quotes no content.
    """
    named = read_headers(headers)
    missing = [name for name in REQUIRED if name not in named]
    if missing or value is None:
        message = f"the message lacks {', '.join(missing) or 'its value'}"
        raise Unreadable(message)
    try:
        recorded = _read(named, value)
    except (ValueError, KeyError) as error:
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


def _read(named: Mapping[str, str], value: bytes) -> Recorded:
    name = named["ce_type"].removeprefix(TYPE_PREFIX)
    schema_version = int(named["ce_dataversion"])
    causation = named.get("ce_causationid")
    return Recorded(
        event_id=UUID(named["ce_id"]),
        owner=Owner(named["ce_source"].removeprefix(SOURCE_PREFIX)),
        record=UUID(named["ce_subject"]),
        version=int(named["ce_recordversion"]),
        event=decode_event(name, schema_version, value),
        schema_version=schema_version,
        recorded_at=datetime.fromisoformat(named["ce_time"]),
        correlation_id=UUID(named["ce_correlationid"]),
        causation_id=UUID(causation) if causation else None,
        traceparent=named.get("traceparent"),
        data=value.decode(),
    )
