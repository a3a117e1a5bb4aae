"""Every term that runs: one row per record and category, with its clause, reason and date."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.view import Key
from libs.events.vocabulary.retention import ClockStarted, RecordDue, RecordErased, RecordHeld
from libs.policy.calendar import end_of_day_at, local_date
from services.retention.domain.terms import RELEASED, is_hold

OPEN = "open"
DUE = "due"
HELD = "held"
ERASED = "erased"

TRY_AGAIN_AFTER = timedelta(days=1)
"""How long after an erasure met a hold without a last day the category is tried again."""


class ClockRow(msgspec.Struct, frozen=True, kw_only=True):
    """One category of one record as its clock stands.

    Shape: `state` is open (the term runs), due (an erasure has it in hand), held (the law keeps
    it, on `basis`, until `until_on`) or erased; `changed_by` is the event that made it so;
           `sweep_at` is when the sweep looks at it next, none when nothing is left to call due.
    """

    record: UUID
    category: str
    version: int
    state: str
    changed_by: UUID
    kind: str | None = None
    clause: str | None = None
    reason: str | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    sweep_at: datetime | None = None
    basis: str | None = None
    until_on: date | None = None
    held_at: datetime | None = None
    erasure: UUID | None = None
    erased_at: datetime | None = None


def keys(recorded: Recorded) -> tuple[Key, ...]:
    """The categories that a fact is about."""
    event = recorded.event
    if isinstance(event, RecordErased):
        return tuple((recorded.record, str(category)) for category in event.categories)
    assert isinstance(event, ClockStarted | RecordDue | RecordHeld)  # noqa: S101 - HEARS says so
    return ((recorded.record, str(event.category)),)


def fold(row: ClockRow | None, recorded: Recorded, key: Key) -> ClockRow | None:
    """The row after this fact.

    Shape: a fact the row has seen already changes nothing; what is erased stays erased.
    """
    if row and (recorded.version <= row.version or row.state == ERASED):
        return row
    before = row or _unseen(recorded, key)
    return msgspec.structs.replace(
        _changed(before, recorded), version=recorded.version, changed_by=recorded.event_id
    )


def _unseen(recorded: Recorded, key: Key) -> ClockRow:
    record, category = key
    return ClockRow(
        record=record, category=category, version=0, state=OPEN, changed_by=recorded.event_id
    )


def _changed(row: ClockRow, recorded: Recorded) -> ClockRow:
    match recorded.event:
        case ClockStarted() as event:
            return _started(row, recorded, event)
        case RecordDue() as event:
            return _due(row, event)
        case RecordHeld() as event:
            return _held(row, recorded, event)
        case RecordErased() as event:
            return msgspec.structs.replace(
                row,
                state=ERASED,
                sweep_at=None,
                erasure=event.erasure,
                erased_at=event.unreadable_since,
            )
    return row


def _started(row: ClockRow, recorded: Recorded, event: ClockStarted) -> ClockRow:
    """The reason of a hold's clock is the law's basis."""
    started = msgspec.structs.replace(
        row,
        state=OPEN,
        kind=str(event.kind),
        clause=event.clause,
        reason=event.reason,
        started_at=recorded.recorded_at,
        due_at=event.due_at,
        sweep_at=event.due_at,
    )
    if not is_hold(event.category, event.reason):
        return started
    return msgspec.structs.replace(
        started,
        state=HELD,
        sweep_at=_next_sweep(row, event.due_at, recorded),
        basis=event.reason,
        until_on=last_day_before(event.due_at),
        held_at=recorded.recorded_at,
    )


def _due(row: ClockRow, event: RecordDue) -> ClockRow:
    """A hold with a last day stands until it is released: only its end was told."""
    if row.state == HELD and row.due_at:
        return msgspec.structs.replace(row, sweep_at=None)
    return msgspec.structs.replace(
        row, state=DUE, clause=event.clause, due_at=event.due_at, sweep_at=None
    )


def last_day_before(due_at: datetime) -> date:
    """The last day of a term that is over from this instant on."""
    return local_date(due_at) - timedelta(days=1)


def _held(row: ClockRow, recorded: Recorded, event: RecordHeld) -> ClockRow:
    """What is known of a hold that stands already is kept, unless the keyring names a later day.

    Why: a release that was heard after the keyring was asked stands; the sweep asks it again.
    """
    if (row.state, row.reason) == (OPEN, RELEASED):
        return row
    until_on, due_at = (row.until_on, row.due_at) if row.state == HELD else (None, None)
    if event.until_on and (until_on is None or event.until_on > until_on):
        until_on, due_at = event.until_on, end_of_day_at(event.until_on)
    return msgspec.structs.replace(
        row,
        state=HELD,
        reason=event.reason,
        due_at=due_at,
        sweep_at=_next_sweep(row, due_at, recorded),
        basis=event.basis,
        until_on=until_on,
        held_at=recorded.recorded_at,
        erasure=event.erasure,
    )


def _next_sweep(row: ClockRow, due_at: datetime | None, recorded: Recorded) -> datetime | None:
    """When a held category is looked at: at its end, once; without one, a day from now."""
    is_told = row.state == HELD and row.sweep_at is None and row.due_at == due_at
    return None if is_told else due_at or recorded.recorded_at + TRY_AGAIN_AFTER


HEARS: frozenset[type[Event]] = frozenset({ClockStarted, RecordDue, RecordHeld, RecordErased})
"""The facts that change a row."""
