"""Facts as Kafka messages and back: CloudEvents 1.0 in binary mode.

Source: CloudEvents Kafka protocol binding 1.0.2 §3.2; W3C Trace Context.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from libs.events.codec import Decode, decode_event
from libs.events.errors import Unreadable
from libs.events.recorded import Recorded
from libs.events.seal import check_places
from libs.events.values import Owner

Header = tuple[str, bytes | None]
TYPE_PREFIX = "nl.flux3d."
SOURCE_PREFIX = "/flux3d/"
VERSION_MAX = 2**31 - 1
CANONICAL_BYTES = 36
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_OWNERS = {SOURCE_PREFIX + owner: owner for owner in Owner}


class _Attributes(msgspec.Struct, frozen=True, kw_only=True, rename="ce_{}".format):
    """The attributes that say what a fact is, as the headers name them.

    Why: read in one step, because everything that is heard or rebuilt comes through here.
    """

    specversion: str
    id: UUID
    source: str
    type: str
    subject: UUID
    time: datetime
    dataversion: str
    recordversion: str
    correlationid: UUID
    causationid: UUID | None = None
    traceparent: str | None = msgspec.field(default=None, name="traceparent")


REQUIRED = tuple(one.encode_name for one in msgspec.structs.fields(_Attributes) if one.required)
"""The headers without which a message is no fact."""


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
    headers: Sequence[Header],
    decode: Decode = decode_event,
) -> Recorded:
    """The fact that a message carries.

    Raises: Unreadable, which names what is missing or wrong and quotes no content.
    """
    named = read_headers(headers)
    if value is None:
        message = "the message lacks its value"
        raise Unreadable(message)
    try:
        said = msgspec.convert(named, _Attributes)
        recorded = _read(said, value, decode)
    except (ValueError, KeyError, OverflowError) as error:
        raise Unreadable(_what_is_wrong(named, error)) from None
    if key != named["ce_subject"].encode() or not _is_canonical(key):
        message = "the message's key is not its record"
        raise Unreadable(message)
    return recorded


def _what_is_wrong(named: dict[str, str], error: Exception) -> str:
    missing = [name for name in REQUIRED if name not in named]
    if missing:
        return f"the message lacks {', '.join(missing)}"
    return f"a header of the message is malformed ({type(error).__name__})"


def _is_canonical(key: bytes) -> bool:
    """Whether a key that is some record's id is written as all keys are.

    Why: the same id in capitals would lie in another partition, out of its record's order.
    """
    return len(key) == CANONICAL_BYTES and key == key.lower()


def read_headers(headers: Sequence[Header]) -> dict[str, str]:
    """The headers by name; null values are left out, the first of twins counts."""
    try:
        named = {name: raw.decode() for name, raw in headers if raw is not None}
    except UnicodeDecodeError:
        named = {}
    # Fewer than there are: some are null, twins or no text, which is rare.
    return named if len(named) == len(headers) else _read_odd_headers(headers)


def _read_odd_headers(headers: Iterable[Header]) -> dict[str, str]:
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


def _read(said: _Attributes, value: bytes, decode: Decode) -> Recorded:
    schema_version = int(said.dataversion)
    event = decode(said.type.removeprefix(TYPE_PREFIX), schema_version, value)
    check_places(event, said.id)
    return Recorded(
        event_id=said.id,
        owner=_OWNERS[said.source],
        record=said.subject,
        version=read_version(said.recordversion),
        event=event,
        schema_version=schema_version,
        recorded_at=_in_utc(said.time),
        correlation_id=said.correlationid,
        causation_id=said.causationid,
        traceparent=_read_traceparent(said.traceparent),
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


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is UTC:
        return instant
    if instant.tzinfo is None:
        message = "the time names no zone"
        raise ValueError(message)
    return instant.astimezone(UTC)


def _read_traceparent(text: str | None) -> str | None:
    """A trace that is malformed is left out, as W3C Trace Context §3.2 asks."""
    return text if text and _TRACEPARENT.fullmatch(text) else None
