"""What the law keeps, why, and until when: one row per record."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.view import Key
from libs.events.vocabulary.billing import InvoiceHoldPlaced, InvoiceHoldReleased

HELD = "held"
RELEASED = "released"


class HoldEntry(msgspec.Struct, frozen=True, kw_only=True):
    """The hold of one record as it stands.

    Shape: `state` is `held` or `released`; `event_id` and `version` are those of the newest fact.
    """

    record: UUID
    version: int
    event_id: UUID
    category: str
    reason: str
    basis: str
    until_on: date
    placed_at: datetime
    state: str = HELD
    released_at: datetime | None = None


HEARS: frozenset[type[Event]] = frozenset({InvoiceHoldPlaced, InvoiceHoldReleased})
"""The facts that change a row."""


def fold(row: HoldEntry | None, recorded: Recorded, _key: Key) -> HoldEntry | None:
    """The row after this fact.

    Shape: a later placement replaces the hold; a fact the row has seen already changes nothing.
    """
    if row is not None and recorded.version <= row.version:
        return row
    event = recorded.event
    if isinstance(event, InvoiceHoldPlaced):
        return _placed(recorded, event)
    if row is None:
        return None
    return msgspec.structs.replace(
        row,
        version=recorded.version,
        event_id=recorded.event_id,
        state=RELEASED,
        released_at=recorded.recorded_at,
    )


def _placed(recorded: Recorded, event: InvoiceHoldPlaced) -> HoldEntry:
    return HoldEntry(
        record=recorded.record,
        version=recorded.version,
        event_id=recorded.event_id,
        category=event.category,
        reason=event.reason,
        basis=event.basis,
        until_on=event.until_on,
        placed_at=recorded.recorded_at,
    )
