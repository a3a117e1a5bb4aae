"""Facts as an operator sees them, made for tests."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from ops.shown_facts import ShownFact

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
RECORD = UUID(int=99)


def fact(
    number: int, service: str = "quotes", *, version: int = 1, cause: int | None = None
) -> ShownFact:
    """The fact with this number, recorded so many seconds after the first."""
    return ShownFact(
        service=service,
        position=number,
        event_id=UUID(int=number),
        record=RECORD,
        version=version,
        name="ProjectStarted",
        schema_version=1,
        recorded_at=BEGAN + timedelta(seconds=number),
        correlation_id=UUID(int=1),
        causation_id=UUID(int=cause) if cause else None,
        traceparent=None,
        data={},
    )
