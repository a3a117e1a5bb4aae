"""Facts and commands that the tests of retention begin from."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from libs.events.clock import FixedClock
from libs.events.event import Event
from libs.events.handle import Stamp
from libs.events.ids import CountedIds
from libs.events.recorded import Recorded
from libs.events.values import Category, Owner, RecordKind
from libs.events.view import Key
from libs.events.vocabulary.retention import (
    ClockStarted,
    ErasedPart,
    ErasureBegun,
    ErasureCompleted,
    HeldPart,
    OwnerScrubbed,
    RecordDue,
    RecordErased,
    RecordHeld,
)
from libs.policy.calendar import BookYearEnd, Months, Years
from services.retention.domain.terms import Terms
from services.retention.projections import clock
from services.retention.projections.clock import ClockRow

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
DUE_AT = datetime(2027, 1, 31, 23, tzinfo=UTC)
UNTIL_ON = date(2033, 12, 31)
BASIS = "Dutch tax law obliges us to keep the books."
RECORD = UUID(int=1)
OTHER = UUID(int=2)
ERASURE = UUID(int=3)
REQUEST = UUID(int=4)
TERMS = Terms(
    quote_without_order=Months(12),
    ordered_quote=Months(12),
    billing=Years(7),
    book_year_end=BookYearEnd(12, 31),
    rights_request_answer=Months(1),
    rights_request_extension=Months(2),
    consent_validity=Months(12),
)

quote_clock = ClockStarted(
    kind=RecordKind.QUOTE,
    category=Category.QUOTE,
    clause="5.1.quote",
    reason="a price was asked for",
    due_at=DUE_AT,
)
billing_clock = ClockStarted(
    kind=RecordKind.QUOTE,
    category=Category.BILLING,
    clause="5.1.billing",
    reason=BASIS,
    due_at=datetime(2033, 12, 31, 23, tzinfo=UTC),
)
billing_released = ClockStarted(
    kind=RecordKind.QUOTE,
    category=Category.BILLING,
    clause="5.1.billing",
    reason="the hold was released",
    due_at=NOW,
)
quote_due = RecordDue(category=Category.QUOTE, clause="5.1.quote", due_at=DUE_AT)
billing_due = RecordDue(category=Category.BILLING, clause="5.1.billing", due_at=NOW)
billing_told = RecordDue(
    category=Category.BILLING, clause="5.1.billing", due_at=billing_clock.due_at
)
billing_held = RecordHeld(
    erasure=ERASURE, category=Category.BILLING, reason="order", basis=BASIS, until_on=UNTIL_ON
)
billing_held_open = RecordHeld(
    erasure=ERASURE, category=Category.BILLING, reason="order", basis=BASIS, until_on=None
)
begun = ErasureBegun(cause="request", request=REQUEST, records=(RECORD, OTHER))


def erased(*categories: Category, erasure: UUID = ERASURE) -> RecordErased:
    """Keys of the record were destroyed."""
    return RecordErased(
        erasure=erasure, cause="request", categories=categories, unreadable_since=NOW
    )


def answered(owner: Owner, record: UUID = RECORD) -> OwnerScrubbed:
    """An owner has done its part."""
    return OwnerScrubbed(record=record, owner=owner)


def all_answered(record: UUID = RECORD) -> tuple[OwnerScrubbed, ...]:
    """Retention and every owner have done their part for a record."""
    owners = (Owner.RETENTION, Owner.QUOTES, Owner.CONSENT, Owner.BILLING)
    return tuple(answered(owner, record) for owner in owners)


erased_part = ErasedPart(record=RECORD, category=Category.QUOTE, unreadable_since=NOW)
held_part = HeldPart(
    record=OTHER, category=Category.BILLING, reason="order", basis=BASIS, until_on=UNTIL_ON
)
completed = ErasureCompleted(
    cause="request",
    request=REQUEST,
    erased=(erased_part,),
    held=(held_part,),
    recipients_told=(),
    completed_at=NOW,
    certificate="signed",
)


def recorded(*events: Event, record: UUID = RECORD, start: int = 1) -> tuple[Recorded, ...]:
    """The events as the facts of one record, one after another."""
    stamp = Stamp(Owner.RETENTION, FixedClock(NOW), CountedIds(start))
    return stamp.record(record, (), events)


def clocks(*events: Event) -> dict[Key, ClockRow]:
    """The clock rows after these facts of one record."""
    rows: dict[Key, Any] = {}
    for one in recorded(*events):
        for key in clock.keys(one):
            rows[key] = clock.fold(rows.get(key), one, key)
    return rows
