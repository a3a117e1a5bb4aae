"""Every order there is: one row per record, its billing party as the sealed box it came in."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.values import Category
from libs.events.view import Key
from libs.events.vocabulary.billing import InvoiceIssued, OrderPlaced
from libs.events.vocabulary.scrubbing import RecordScrubbed


class OrderEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One order as it stands.

    Shape: `party` is a sealed box, none once erased; `number` is that of its invoice, none before;
           `version` is that of the newest fact in the row.
    """

    record: UUID
    version: int
    placed_event: UUID
    placed_at: datetime
    placed_on: date
    amount_cents: int
    currency: str
    language: str
    party: bytes | None
    number: str | None = None
    erased_at: datetime | None = None


HEARS: frozenset[type[Event]] = frozenset({OrderPlaced, InvoiceIssued, RecordScrubbed})
"""The facts that change a row."""


def fold(row: OrderEntry | None, recorded: Recorded, _key: Key) -> OrderEntry | None:
    """The row after this fact; none for a record that was never ordered.

    Shape: a fact the row has seen already changes nothing.
    """
    event = recorded.event
    if isinstance(event, OrderPlaced):
        return row or _placed(recorded, event)
    if row is None or recorded.version <= row.version:
        return row
    row = msgspec.structs.replace(row, version=recorded.version)
    match event:
        case InvoiceIssued():
            return msgspec.structs.replace(row, number=event.number)
        case RecordScrubbed() if Category.BILLING in event.categories:
            return msgspec.structs.replace(row, party=None, erased_at=recorded.recorded_at)
    return row


def _placed(recorded: Recorded, event: OrderPlaced) -> OrderEntry:
    return OrderEntry(
        record=recorded.record,
        version=recorded.version,
        placed_event=recorded.event_id,
        placed_at=recorded.recorded_at,
        placed_on=event.placed_on,
        amount_cents=event.amount.cents,
        currency=event.amount.currency,
        language=event.language,
        party=event.party.box,
    )
