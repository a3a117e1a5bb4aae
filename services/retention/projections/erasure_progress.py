"""How far each erasure has come: one row per erasure, folded from its own stream and its records'.

Facts of different records may arrive in any order in a rebuild, so every part of a row is a set
that only grows, kept in a fixed order.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.view import Key
from libs.events.vocabulary.retention import (
    ErasedPart,
    ErasureBegun,
    ErasureCompleted,
    HeldPart,
    KeysUnrecoverable,
    OwnerScrubbed,
    RecordErased,
    RecordHeld,
    ScrubAskedAgain,
)

Part = TypeVar("Part")


class ErasureProgress(msgspec.Struct, frozen=True, kw_only=True):
    """One erasure as it stands.

    Shape: `answers` are (record, owner) pairs; `completed_by` is the event that completed it;
           `shredded` are the rounds that named it: since when, and the last epoch that ended;
           `is_recoverable` while it is completed and a copy could still give a key back;
           `asked_again_at` is when owners were last asked again, `ask_next_at` when they are next.
    """

    erasure: UUID
    begun_at: datetime | None = None
    begun_by: UUID | None = None
    cause: str | None = None
    request: UUID | None = None
    records: tuple[UUID, ...] = ()
    erased: tuple[ErasedPart, ...] = ()
    held: tuple[HeldPart, ...] = ()
    answers: tuple[tuple[UUID, str], ...] = ()
    completed_at: datetime | None = None
    completed_by: UUID | None = None
    certificate: str | None = None
    shredded: tuple[tuple[datetime, int], ...] = ()
    is_recoverable: bool = False
    asked_again_at: datetime | None = None
    ask_next_at: datetime | None = None

    @property
    def unreadable_since(self) -> datetime | None:
        """When the last of its keys was destroyed; none when none was."""
        return max((part.unreadable_since for part in self.erased), default=None)

    @property
    def unrecoverable(self) -> tuple[datetime, int] | None:
        """Since when, and with which epoch, all that it destroyed is beyond recall.

        Shape: none before it is completed, or while a round that covers its last key is to come.
        Why:   a round that ended before its last key fell says nothing of that key.
        """
        if self.completed_at is None or self.unreadable_since is None:
            return None
        covering = (one for one in self.shredded if one[0] > self.unreadable_since)
        return min(covering, default=None)


def keys(recorded: Recorded) -> tuple[Key, ...]:
    """The erasures that a fact is about; a shred round is about many."""
    event = recorded.event
    if isinstance(event, KeysUnrecoverable):
        return tuple((erasure,) for erasure in event.erasures)
    if isinstance(event, RecordErased | RecordHeld):
        return ((event.erasure,),)
    return ((recorded.record,),)


def fold(row: ErasureProgress | None, recorded: Recorded, key: Key) -> ErasureProgress | None:
    """The row after this fact.

    Shape: a repeated fact changes nothing, whatever came between.
    """
    after = _after(row or ErasureProgress(erasure=key[0]), recorded)
    is_over = after.completed_at is not None and bool(after.erased)
    return msgspec.structs.replace(after, is_recoverable=is_over and after.unrecoverable is None)


def _after(row: ErasureProgress, recorded: Recorded) -> ErasureProgress:
    match recorded.event:
        case ErasureBegun() as event:
            row = _begun(row, recorded, event)
        case RecordErased() as event:
            erased = row.erased
            for part in _parts(recorded, event):
                erased = _with(erased, part, _place)
            row = msgspec.structs.replace(row, erased=erased)
        case RecordHeld() as event:
            row = msgspec.structs.replace(row, held=_with(row.held, _part(recorded, event), _place))
        case OwnerScrubbed() as event:
            answer = (event.record, str(event.owner))
            row = msgspec.structs.replace(row, answers=_with(row.answers, answer, _itself))
        case ScrubAskedAgain() as event:
            row = _asked_again(row, event)
        case ErasureCompleted() as event:
            row = _completed(row, recorded, event)
        case KeysUnrecoverable() as event:
            shredded = {*row.shredded, (event.since, event.epoch)}
            row = msgspec.structs.replace(row, shredded=tuple(sorted(shredded)))
    return row


def _begun(row: ErasureProgress, recorded: Recorded, event: ErasureBegun) -> ErasureProgress:
    return msgspec.structs.replace(
        row,
        begun_at=recorded.recorded_at,
        begun_by=recorded.event_id,
        cause=event.cause,
        request=event.request,
        records=event.records,
    )


def _asked_again(row: ErasureProgress, event: ScrubAskedAgain) -> ErasureProgress:
    return msgspec.structs.replace(
        row,
        asked_again_at=max(row.asked_again_at or event.asked_at, event.asked_at),
        ask_next_at=max(row.ask_next_at or event.next_at, event.next_at),
    )


def _completed(
    row: ErasureProgress, recorded: Recorded, event: ErasureCompleted
) -> ErasureProgress:
    return msgspec.structs.replace(
        row,
        completed_at=event.completed_at,
        completed_by=recorded.event_id,
        certificate=event.certificate,
    )


def _parts(recorded: Recorded, event: RecordErased) -> list[ErasedPart]:
    return [
        ErasedPart(
            record=recorded.record, category=category, unreadable_since=event.unreadable_since
        )
        for category in event.categories
    ]


def _part(recorded: Recorded, event: RecordHeld) -> HeldPart:
    return HeldPart(
        record=recorded.record,
        category=event.category,
        reason=event.reason,
        basis=event.basis,
        until_on=event.until_on,
    )


def _with(
    known: tuple[Part, ...], one: Part, place: Callable[[Part], tuple[UUID, str]]
) -> tuple[Part, ...]:
    """These in order, and this one among them, once.

    Why: an erasure may name very many records; each fact is to cost little however many there are.
    """
    at = bisect_left(known, place(one), key=place)
    if one in known[at : bisect_right(known, place(one), lo=at, key=place)]:
        return known
    return (*known[:at], one, *known[at:])


def _itself(answer: tuple[UUID, str]) -> tuple[UUID, str]:
    return answer


def _place(part: ErasedPart | HeldPart) -> tuple[UUID, str]:
    return part.record, str(part.category)


HEARS: frozenset[type[Event]] = frozenset(
    {
        ErasureBegun,
        RecordErased,
        RecordHeld,
        OwnerScrubbed,
        ScrubAskedAgain,
        ErasureCompleted,
        KeysUnrecoverable,
    }
)
"""The facts that change a row."""
