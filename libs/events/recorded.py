"""An event in its envelope: where and when it was recorded, and what caused it."""

from datetime import datetime
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.values import Owner


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A fact at its place in the life of one record.

    Shape: `version` counts the events of the record in its owner's log from one; `data` holds the
    bytes as they were recorded, so that every copy is the same to the byte; `position` is its
    place in the owner's log, none on what arrived by the bus.
    """

    event_id: UUID
    owner: Owner
    record: UUID
    version: int
    event: Event
    schema_version: int
    recorded_at: datetime
    correlation_id: UUID
    data: str
    causation_id: UUID | None = None
    traceparent: str | None = None
    position: int | None = None

    @property
    def name(self) -> str:
        """The event's name."""
        return type(self.event).__name__
