"""Facts as Kafka messages and back."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.events.catalogue import CATALOGUE
from libs.events.clock import FixedClock
from libs.events.errors import Unreadable
from libs.events.handle import Stamp
from libs.events.ids import CountedIds
from libs.events.message import (
    REQUIRED,
    Header,
    Message,
    from_message,
    read_headers,
    record_of_message,
    to_message,
)
from libs.events.recorded import Recorded
from libs.events.values import Owner
from libs.events.vocabulary.quotes import QuoteDeclined
from tests.contract.examples import example_event
from tests.unit.libs.events.strategies import SECRETS, events

RECORD = UUID(int=5)
NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
EARLIEST, LATEST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (1900, 2200))
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
slowly = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def _fact(event: Any = QuoteDeclined(offer=1), **changes: Any) -> Recorded:  # noqa: B008 - frozen
    stamp = Stamp(Owner.QUOTES, FixedClock(NOW), CountedIds())
    (fact,) = stamp.record(RECORD, [], [event], secrets=SECRETS)
    return msgspec.structs.replace(fact, **changes)


def _read(message: Message, headers: tuple[Header, ...] | None = None) -> Recorded:
    return from_message(message.key, message.value, headers or message.headers)


@slowly
@given(
    event=events(),
    version=st.integers(min_value=1, max_value=2**31 - 1),
    at=st.datetimes(
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]),
        min_value=EARLIEST,
        max_value=LATEST,
    ),
    causation_id=st.none() | st.uuids(),
    traceparent=st.sampled_from([None, TRACE]),
)
def test_every_fact_comes_back_as_it_went(
    event: Any, version: int, at: datetime, causation_id: UUID | None, traceparent: str | None
) -> None:
    """Any fact of any event is the same fact when it is heard, to the byte of its data."""
    fact = _fact(
        event, version=version, recorded_at=at, causation_id=causation_id, traceparent=traceparent
    )
    heard = _read(to_message(fact))
    assert heard == fact
    assert to_message(heard) == to_message(fact)


def test_the_key_is_the_record() -> None:
    """P33: the key of a message, by which Kafka keeps order, is the record's id."""
    message = to_message(_fact())
    assert message.key == str(RECORD).encode()
    assert dict(message.headers)["ce_partitionkey"] == message.key


@slowly
@given(events())
def test_no_header_and_no_key_holds_a_person(event: Any) -> None:
    """P21, P33: keys and headers are the same for two people who ask the same."""
    message = to_message(_fact(event))
    plain = {name: raw for name, raw in message.headers if name.startswith("ce_")}
    allowed = json.dumps({name: raw.decode() for name, raw in plain.items()})
    assert "@" not in allowed
    assert len(message.key) == 36


def test_a_null_header_is_as_if_it_were_not_there() -> None:
    """P20: a header without a value does not break the reader."""
    message = to_message(_fact())
    assert _read(message, (*message.headers, ("traceparent", None), ("x", None))) == _fact()


def test_the_first_of_twin_headers_counts() -> None:
    """P20: a header that comes twice cannot take the place of the first."""
    message = to_message(_fact())
    assert _read(message, (*message.headers, ("ce_id", b"another"))) == _fact()
    assert read_headers([("a", None), ("a", b"1"), ("a", b"2")]) == {"a": "1"}


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_missing_attribute_is_named(missing: str) -> None:
    """Without one of the attributes a message is unreadable, and the reason names it."""
    message = to_message(_fact())
    rest = tuple(header for header in message.headers if header[0] != missing)
    with pytest.raises(Unreadable, match=f"lacks {missing}"):
        _read(message, rest)


def test_a_message_without_a_value_is_unreadable() -> None:
    """A tombstone is no fact."""
    message = to_message(_fact())
    with pytest.raises(Unreadable, match="lacks its value"):
        from_message(message.key, None, message.headers)


BAD: dict[str, tuple[str, bytes]] = {
    "an id that is none": ("ce_id", b"7"),
    "another event's id": ("ce_id", str(UUID(int=9)).encode()),
    "a source that is nobody": ("ce_source", b"/flux3d/nobody"),
    "a record that is none": ("ce_subject", b"noor@voorbeeld.example"),
    "another record": ("ce_subject", str(UUID(int=6)).encode()),
    "no time": ("ce_time", b"yesterday"),
    "a time without a zone": ("ce_time", b"2026-03-01T12:00:00"),
    "a time before all time": ("ce_time", b"0001-01-01T00:00:00+14:00"),
    "a version of nothing": ("ce_recordversion", b"0"),
    "a version beyond counting": ("ce_recordversion", b"2147483648"),
    "a newer shape": ("ce_dataversion", b"2"),
    "no shape": ("ce_dataversion", b"one"),
    "no correlation": ("ce_correlationid", b"-"),
    "no cause": ("ce_causationid", b"-"),
    "bytes that are no text": ("ce_type", b"\xff\xfe"),
}


@pytest.mark.parametrize(("name", "raw"), BAD.values(), ids=BAD.keys())
def test_a_malformed_attribute_is_unreadable(name: str, raw: bytes) -> None:
    """Anything wrong in a header parks the message, and its value is not quoted."""
    message = to_message(_fact(_requested()))
    headers = (*((one, text) for one, text in message.headers if one != name), (name, raw))
    with pytest.raises(Unreadable) as caught:
        _read(message, headers)
    assert "noor" not in str(caught.value)


def _requested() -> Any:
    return example_event(CATALOGUE["QuoteRequested"])


@pytest.mark.parametrize("trace", [b"", b"junk", b"00-zz", b"\0", TRACE.encode() + b"-more"])
def test_a_malformed_trace_is_left_out(trace: bytes) -> None:
    """A trace that cannot be continued is dropped; the fact is read all the same.

    Source: W3C Trace Context §3.2.
    """
    message = to_message(_fact())
    assert _read(message, (*message.headers, ("traceparent", trace))).traceparent is None


@pytest.mark.parametrize("written", [str.upper, lambda text: text.replace("-", "")])
def test_an_id_in_another_spelling_is_no_key(written: Callable[[str], str]) -> None:
    """A key spelt otherwise would lie in another partition, out of its record's order."""
    record = UUID("0190b4b2-7c1e-7abc-8def-0123456789ab")
    message = to_message(_fact(record=record))
    other = written(str(record)).encode()
    headers = tuple((one, other if one == "ce_subject" else raw) for one, raw in message.headers)
    with pytest.raises(Unreadable, match="key is not its record"):
        from_message(other, message.value, headers)


@given(st.none() | st.binary(max_size=50))
def test_a_key_names_a_record_or_nobody(key: bytes | None) -> None:
    """Any key at all is a record's id or none; it never breaks the reader."""
    found = record_of_message(key)
    assert found is None or isinstance(found, UUID)
