"""Facts to fold, hear and send, without a service."""

from collections.abc import Sequence
from uuid import UUID

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import STAMP


def facts_of(record: UUID, *events: Event, after: Sequence[Recorded] = ()) -> list[Recorded]:
    """These events as the next facts of the record."""
    return list(STAMP.record(record, after, events))
