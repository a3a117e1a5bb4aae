"""What became of a rights request: one row per record, the address as the sealed box it came in."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.values import Category
from libs.events.view import Key
from libs.events.vocabulary.consent import (
    ErasureRequested,
    RightsRequestAnswered,
    RightsRequestCarriedOut,
    RightsRequestReceived,
)
from libs.events.vocabulary.retention import ErasedPart, HeldPart
from libs.events.vocabulary.scrubbing import RecordScrubbed


class RightsRequestRow(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it stands.

    Shape: `requester` is a sealed box, none once erased; `event_id` is the fact of its receipt.
    """

    record: UUID
    version: int
    event_id: UUID
    stage: str
    right: str
    language: str
    received_at: datetime
    due_on: date
    confirmed_at: datetime | None = None
    completed_at: datetime | None = None
    answered_at: datetime | None = None
    told: bool | None = None
    erasure: UUID | None = None
    erased: tuple[ErasedPart, ...] = ()
    held: tuple[HeldPart, ...] = ()
    requester: bytes | None = None
    erased_at: datetime | None = None


def fold(row: RightsRequestRow | None, recorded: Recorded, _key: Key) -> RightsRequestRow | None:
    """The row after this fact; none for a record that was never a rights request.

    Shape: a fact the row has seen already changes nothing.
    """
    if isinstance(recorded.event, RightsRequestReceived):
        return row or _received(recorded, recorded.event)
    if row is None or recorded.version <= row.version:
        return row
    changes = _CHANGES[type(recorded.event)](recorded, recorded.event)
    return msgspec.structs.replace(row, version=recorded.version, **changes)


def _received(recorded: Recorded, event: RightsRequestReceived) -> RightsRequestRow:
    return RightsRequestRow(
        record=recorded.record,
        version=recorded.version,
        event_id=recorded.event_id,
        stage="received",
        right=event.right,
        language=event.language,
        received_at=event.received_at,
        due_on=event.due_on,
        requester=event.requester.box,
    )


def _confirmed(recorded: Recorded, _event: ErasureRequested) -> dict[str, Any]:
    return {"stage": "confirmed", "confirmed_at": recorded.recorded_at}


def _carried_out(_recorded: Recorded, event: RightsRequestCarriedOut) -> dict[str, Any]:
    return {
        "stage": "completed",
        "completed_at": event.completed_at,
        "erasure": event.erasure,
        "erased": event.erased,
        "held": event.held,
    }


def _answered(recorded: Recorded, event: RightsRequestAnswered) -> dict[str, Any]:
    return {"answered_at": recorded.recorded_at, "told": event.told}


def _scrubbed(recorded: Recorded, event: RecordScrubbed) -> dict[str, Any]:
    if Category.RIGHTS_REQUEST not in event.categories:
        return {}
    return {"requester": None, "erased_at": recorded.recorded_at}


_CHANGES: dict[type[Event], Callable[[Recorded, Any], dict[str, Any]]] = {
    ErasureRequested: _confirmed,
    RightsRequestCarriedOut: _carried_out,
    RightsRequestAnswered: _answered,
    RecordScrubbed: _scrubbed,
}

HEARS: frozenset[type[Event]] = frozenset({RightsRequestReceived, *_CHANGES})
"""The facts that change a row."""
