"""Weighing what was heard: take it, drop a repeat, or set it aside for its record's sake."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec

from libs.events.catalogue import TOPICS
from libs.events.codec import Decode, decode_event
from libs.events.errors import NewerSchema, Unreadable
from libs.events.message import (
    Header,
    from_message,
    read_headers,
    read_version,
    record_of_message,
)
from libs.events.recorded import Recorded
from libs.events.values import Owner


class Heard(Protocol):
    """A message as the broker's client hands it over."""

    @property
    def topic(self) -> str:
        """The topic it lay on."""
        ...

    @property
    def partition(self) -> int:
        """The partition it lay in."""
        ...

    @property
    def offset(self) -> int:
        """Its place there."""
        ...

    @property
    def key(self) -> bytes | None:
        """Its key: the record id."""
        ...

    @property
    def value(self) -> bytes | None:
        """Its value: the event's JSON."""
        ...

    @property
    def headers(self) -> Sequence[Header]:
        """Its CloudEvents attributes."""
        ...


class Reason(StrEnum):
    """Why a message was set aside."""

    UNREADABLE = "unreadable"
    NEWER_SCHEMA = "its schema is newer than this reader"
    HELD_BACK = "held back behind an earlier message of its record"
    GAP = "an earlier message of its record is missing"
    REACTION_FAILED = "the reaction failed"


@dataclass(frozen=True)
class Aside:
    """A message set aside, and why; the detail quotes no content."""

    message: Heard
    reason: Reason
    detail: str
    record: UUID | None
    version: int | None
    name: str | None


class Progress(msgspec.Struct, frozen=True):
    """How far a record of one topic was heard, and whether it waits behind a parked message."""

    last_version: int = 0
    held_back: bool = False


NEVER_HEARD = Progress()


class Verdict(StrEnum):
    """What to do with a readable message."""

    TAKE = "take"
    REPEAT = "repeat"
    HOLD = "hold"
    GAP = "gap"


def weigh(progress: Progress, version: int) -> Verdict:
    """What the next version of a record is to its progress."""
    last = progress.last_version
    if version <= last:
        return Verdict.REPEAT
    if progress.held_back:
        return Verdict.HOLD
    return Verdict.TAKE if version == last + 1 else Verdict.GAP


def read_heard(
    message: Heard, topics: Mapping[str, Owner] = TOPICS, decode: Decode = decode_event
) -> Recorded | Aside:
    """The fact that the message carries, or the message set aside as unreadable."""
    try:
        recorded = from_message(message.key, message.value, message.headers, decode)
        if topics.get(message.topic) != recorded.owner:
            wrong = f"a fact of {recorded.owner} lay on {message.topic}"
            raise Unreadable(wrong)
    except NewerSchema as error:
        return aside(message, Reason.NEWER_SCHEMA, str(error))
    except Unreadable as error:
        return aside(message, Reason.UNREADABLE, str(error))
    return recorded


def aside(message: Heard, reason: Reason, detail: str) -> Aside:
    """The message set aside, with what its key and headers still tell."""
    headers = read_headers(message.headers)
    return Aside(
        message=message,
        reason=reason,
        detail=detail,
        record=record_of_message(message.key),
        version=_version_of(headers.get("ce_recordversion", "")),
        name=headers.get("ce_type", "")[:120].replace("\0", "\N{REPLACEMENT CHARACTER}") or None,
    )


def _version_of(text: str) -> int | None:
    try:
        return read_version(text)
    except ValueError:
        return None


def records_of(readings: Iterable[Recorded | Aside]) -> set[UUID]:
    """The records that a batch speaks of."""
    return {one.record for one in readings if one.record is not None}
