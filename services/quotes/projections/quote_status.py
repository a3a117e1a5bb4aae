"""What became of a quote: one row per record, its personal part as the sealed box it came in."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.values import Category
from libs.events.view import Key
from libs.events.vocabulary.quotes import (
    ProjectCompleted,
    ProjectStarted,
    QuoteAccepted,
    QuoteDeclined,
    QuoteExpired,
    QuoteOffered,
    QuoteRequested,
)
from libs.events.vocabulary.scrubbing import RecordScrubbed


class QuoteStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One quote as it stands.

    Shape: `details` is a sealed box, none once erased; `version` is that of the newest fact in it.
    Why:   the billing party is not here: this service may seal it and not open it (D7).
    """

    record: UUID
    version: int
    stage: str
    language: str
    requested_at: datetime
    last_contact_at: datetime
    offer: int | None = None
    amount_cents: int | None = None
    currency: str | None = None
    valid_until_on: date | None = None
    offered_at: datetime | None = None
    answered_at: datetime | None = None
    accepted_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    delivered_on: date | None = None
    details: bytes | None = None
    quote_erased_at: datetime | None = None
    billing_erased_at: datetime | None = None


def fold(row: QuoteStatus | None, recorded: Recorded, _key: Key) -> QuoteStatus | None:
    """The row after this fact; none for a record that was never a quote.

    Shape: a fact the row has seen already changes nothing.
    """
    if isinstance(recorded.event, QuoteRequested):
        return row or _requested(recorded, recorded.event)
    if row is None or recorded.version <= row.version:
        return row
    changes = _CHANGES[type(recorded.event)](recorded, recorded.event)
    return msgspec.structs.replace(row, version=recorded.version, **changes)


def _requested(recorded: Recorded, event: QuoteRequested) -> QuoteStatus:
    return QuoteStatus(
        record=recorded.record,
        version=recorded.version,
        stage="requested",
        language=event.language,
        requested_at=recorded.recorded_at,
        last_contact_at=recorded.recorded_at,
        details=event.details.box,
    )


def _offered(recorded: Recorded, event: QuoteOffered) -> dict[str, Any]:
    return {
        "stage": "offered",
        "offer": event.offer,
        "amount_cents": event.amount.cents,
        "currency": event.amount.currency,
        "valid_until_on": event.valid_until_on,
        "offered_at": recorded.recorded_at,
        "last_contact_at": recorded.recorded_at,
        "answered_at": None,
    }


def _accepted(recorded: Recorded, _event: QuoteAccepted) -> dict[str, Any]:
    return {
        "stage": "accepted",
        "answered_at": recorded.recorded_at,
        "accepted_at": recorded.recorded_at,
        "last_contact_at": recorded.recorded_at,
    }


def _declined(recorded: Recorded, _event: QuoteDeclined) -> dict[str, Any]:
    at = recorded.recorded_at
    return {"stage": "declined", "answered_at": at, "last_contact_at": at}


def _expired(recorded: Recorded, _event: QuoteExpired) -> dict[str, Any]:
    return {"stage": "expired", "last_contact_at": recorded.recorded_at}


def _started(recorded: Recorded, _event: ProjectStarted) -> dict[str, Any]:
    return {"stage": "started", "started_at": recorded.recorded_at}


def _completed(recorded: Recorded, event: ProjectCompleted) -> dict[str, Any]:
    return {
        "stage": "completed",
        "completed_at": recorded.recorded_at,
        "delivered_on": event.delivered_on,
    }


def _scrubbed(recorded: Recorded, event: RecordScrubbed) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if Category.QUOTE in event.categories:
        changes |= {"details": None, "quote_erased_at": recorded.recorded_at}
    if Category.BILLING in event.categories:
        changes |= {"billing_erased_at": recorded.recorded_at}
    return changes


_CHANGES: dict[type[Event], Callable[[Recorded, Any], dict[str, Any]]] = {
    QuoteOffered: _offered,
    QuoteAccepted: _accepted,
    QuoteDeclined: _declined,
    QuoteExpired: _expired,
    ProjectStarted: _started,
    ProjectCompleted: _completed,
    RecordScrubbed: _scrubbed,
}

HEARS: frozenset[type[Event]] = frozenset({QuoteRequested, *_CHANGES})
"""The facts that change a row."""
