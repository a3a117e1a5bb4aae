"""What an audit of the books looks at, and what it finds wrong with one entry."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from libs.policy.calendar import local_date
from services.billing.domain.hold import HoldRule

TOLERANCE = timedelta(days=1)
"""How long after its last day a record may still be on its way out."""


@dataclass(frozen=True, kw_only=True)
class StoredPart:
    """The head of a sealed part as it lies somewhere, and the event it should be for."""

    event_id: UUID
    name: str
    box_head: bytes | None


@dataclass(frozen=True, kw_only=True)
class BookEntry:
    """An order with its invoice and its hold, as the views have them.

    Shape: what does not exist yet is none; `event_id` is the newest fact to point at.
    """

    record: UUID
    event_id: UUID
    placed_on: date
    party: bytes | None
    number: str | None
    issued_on: date | None
    scrub_started_at: datetime | None
    erased_at: datetime | None
    until_on: date | None
    state: str | None
    released_at: datetime | None

    @property
    def is_held(self) -> bool:
        """Whether the law keeps it now."""
        return self.state == "held"

    def is_past(self, today_on: date) -> bool:
        """Whether it should be gone by now, the tolerance included."""
        return self.until_on is not None and today_on > self.until_on + TOLERANCE


class Fault(StrEnum):
    """What can be wrong with an entry: with its hold, or with whether it can be read."""

    WITHOUT_HOLD = "without_hold"
    WRONG_DATE = "wrong_date"
    LET_GO_EARLY = "let_go_early"
    ERASED_WHILE_HELD = "erased_while_held"
    HELD_TOO_LONG = "held_too_long"
    UNREADABLE_INSIDE_TERM = "unreadable_inside_term"
    READABLE_PAST_TERM = "readable_past_term"


def fault_of_hold(entry: BookEntry, rule: HoldRule, today_on: date) -> Fault | None:
    """The first thing that is wrong with the hold of this entry, or none.

    Source: clause 5.1.billing.
    """
    if entry.until_on is None:
        return Fault.WITHOUT_HOLD
    if entry.until_on != rule.until(entry.issued_on or entry.placed_on):
        return Fault.WRONG_DATE
    if entry.released_at is not None:
        early = local_date(entry.released_at) <= entry.until_on
        return Fault.LET_GO_EARLY if early else None
    if entry.erased_at is not None:
        return Fault.ERASED_WHILE_HELD
    return Fault.HELD_TOO_LONG if entry.is_past(today_on) else None
