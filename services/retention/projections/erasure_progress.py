"""How far each erasure has come: one row per erasure, folded from its own stream and its records'.

Facts of different records may arrive in any order in a rebuild, so every part of a row is a set
that only grows, kept in a fixed order.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.view import Key
from libs.events.vocabulary.retention import (
    ErasedPart,
    ErasureBegun,
    ErasureCompleted,
    HeldPart,
    OwnerScrubbed,
    RecordErased,
    RecordHeld,
)


@dataclass(frozen=True, kw_only=True)
class ErasureProgress:
    """One erasure as it stands.

    Shape: `answers` are (record, owner) pairs; `completed_by` is the event that completed it.
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


def keys(recorded: Recorded) -> tuple[Key, ...]:
    """The erasure that a fact is about."""
    event = recorded.event
    if isinstance(event, RecordErased | RecordHeld):
        return ((event.erasure,),)
    return ((recorded.record,),)


def fold(row: ErasureProgress | None, recorded: Recorded, key: Key) -> ErasureProgress | None:
    """The row after this fact.

    Shape: a repeated fact changes nothing, whatever came between.
    """
    row = row or ErasureProgress(erasure=key[0])
    match recorded.event:
        case ErasureBegun() as event:
            return _begun(row, recorded, event)
        case RecordErased() as event:
            erased = {*row.erased, *_parts(recorded, event)}
            return replace(row, erased=tuple(sorted(erased, key=_place)))
        case RecordHeld() as event:
            held = {*row.held, _part(recorded, event)}
            return replace(row, held=tuple(sorted(held, key=_place)))
        case OwnerScrubbed() as event:
            answers = {*row.answers, (event.record, str(event.owner))}
            return replace(row, answers=tuple(sorted(answers)))
        case ErasureCompleted() as event:
            return _completed(row, recorded, event)
    return row


def _begun(row: ErasureProgress, recorded: Recorded, event: ErasureBegun) -> ErasureProgress:
    return replace(
        row,
        begun_at=recorded.recorded_at,
        begun_by=recorded.event_id,
        cause=event.cause,
        request=event.request,
        records=event.records,
    )


def _completed(
    row: ErasureProgress, recorded: Recorded, event: ErasureCompleted
) -> ErasureProgress:
    return replace(
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


def _place(part: ErasedPart | HeldPart) -> tuple[UUID, str]:
    return part.record, str(part.category)


HEARS: frozenset[type[Event]] = frozenset(
    {ErasureBegun, RecordErased, RecordHeld, OwnerScrubbed, ErasureCompleted}
)
"""The facts that change a row."""
