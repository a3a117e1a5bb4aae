"""Every invoice there is, by number: one row per record, its buyer as a sealed box."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.values import Category
from libs.events.view import Key
from libs.events.vocabulary.billing import InvoiceIssued
from libs.events.vocabulary.scrubbing import RecordScrubbed, ScrubStarted


class InvoiceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One invoice as it was issued.

    Shape: `party` is a sealed box, none once erased; between `scrub_started_at` and `erased_at` its
           document is being deleted; `version` is that of the newest fact in the row.
    Units: `vat_rate_basis_points` are hundredths of a per cent.
    """

    record: UUID
    version: int
    event_id: UUID
    number: str
    year: int
    sequence: int
    issued_at: datetime
    issued_on: date
    supplied_on: date
    net_cents: int
    vat_cents: int
    gross_cents: int
    currency: str
    vat_rate_basis_points: int
    vat_treatment: str
    line: str
    party: bytes | None
    scrub_started_at: datetime | None = None
    erased_at: datetime | None = None


HEARS: frozenset[type[Event]] = frozenset({InvoiceIssued, ScrubStarted, RecordScrubbed})
"""The facts that change a row."""


def fold(row: InvoiceEntry | None, recorded: Recorded, _key: Key) -> InvoiceEntry | None:
    """The row after this fact; none for a record without an invoice.

    Shape: a fact the row has seen already changes nothing.
    """
    event = recorded.event
    if isinstance(event, InvoiceIssued):
        return row or _issued(recorded, event)
    if row is None or recorded.version <= row.version:
        return row
    row = msgspec.structs.replace(row, version=recorded.version)
    match event:
        case ScrubStarted() if Category.BILLING in event.categories:
            return msgspec.structs.replace(row, scrub_started_at=recorded.recorded_at)
        case RecordScrubbed() if Category.BILLING in event.categories:
            return msgspec.structs.replace(row, party=None, erased_at=recorded.recorded_at)
    return row


def _issued(recorded: Recorded, event: InvoiceIssued) -> InvoiceEntry:
    year, sequence = event.number.split("-")
    return InvoiceEntry(
        record=recorded.record,
        version=recorded.version,
        event_id=recorded.event_id,
        number=event.number,
        year=int(year),
        sequence=int(sequence),
        issued_at=recorded.recorded_at,
        issued_on=event.issued_on,
        supplied_on=event.supplied_on,
        net_cents=event.net.cents,
        vat_cents=event.vat.cents,
        gross_cents=event.gross.cents,
        currency=event.net.currency,
        vat_rate_basis_points=event.vat_rate_basis_points,
        vat_treatment=event.vat_treatment,
        line=event.line,
        party=event.party.box,
    )
