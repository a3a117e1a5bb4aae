"""What the relay sends is what `to_message` says, though it reads nothing of it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from libs.events.letter import letter_of
from libs.events.message import to_message
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import STAMP
from libs.events.vocabulary.quotes import QuoteDeclined

(FACT,) = STAMP.record(UUID(int=1), [], [QuoteDeclined(offer=1)])
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]))


def _row(fact: Recorded) -> tuple[Any, ...]:
    """A row of `read_outbox`."""
    cause, at = fact.causation_id, fact.recorded_at.astimezone(UTC).replace(tzinfo=None)
    return (
        *(7, str(fact.event_id), str(fact.record), fact.version, fact.name, fact.schema_version),
        *(at, str(fact.correlation_id), None if cause is None else str(cause)),
        *(fact.traceparent, fact.data),
    )


@given(
    record=st.uuids(),
    version=st.integers(min_value=1, max_value=2**31 - 1),
    at=TIMES.filter(lambda one: 1 < one.year < 9999) | st.just(datetime(2026, 3, 1, tzinfo=UTC)),
    causation_id=st.none() | st.uuids(),
    traceparent=st.sampled_from([None, TRACE]),
)
def test_a_letter_is_the_message_to_the_byte(
    record: UUID, version: int, at: datetime, causation_id: UUID | None, traceparent: str | None
) -> None:
    """Key, value and headers, in their order; so a refill repeats what was sent (D1)."""
    changes = {"version": version, "recorded_at": at, "causation_id": causation_id}
    fact = msgspec.structs.replace(FACT, record=record, traceparent=traceparent, **changes)
    letter, message = letter_of(_row(fact), fact.owner), to_message(fact)
    assert (letter.position, letter.key, letter.value) == (7, message.key, message.value)
    assert tuple(letter.headers) == message.headers
