"""Events to JSON and back."""

import base64
import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings

from libs.events.catalogue import CATALOGUE, parts_of
from libs.events.codec import NotSealed, decode_event, encode_event
from libs.events.errors import Unreadable
from libs.events.personal import Erased, Personal
from libs.events.seal import seal_event
from libs.events.vocabulary.quotes import QuoteDeclined, QuoteRequested
from tests.contract.examples import example_event
from tests.unit.libs.events.strategies import EVENT_TYPES, SECRETS, WITH_PARTS, anything_of, events

EVENT_ID, RECORD = UUID(int=1), UUID(int=2)
slowly = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def _sealed(event: Any) -> Any:
    return seal_event(event, event_id=EVENT_ID, record=RECORD, secrets=SECRETS)


@pytest.mark.parametrize("event_type", EVENT_TYPES, ids=lambda one: one.__name__)
def test_every_event_comes_back_as_it_went(event_type: type[Any]) -> None:
    """What is written of any event is read as the same event, its parts sealed."""

    @slowly
    @given(anything_of(event_type))
    def check(event: Any) -> None:
        sealed = _sealed(event)
        written = encode_event(sealed)
        assert decode_event(event_type.__name__, event_type.version, written) == sealed
        assert encode_event(decode_event(event_type.__name__, 1, written)) == written

    check()


@slowly
@given(events(WITH_PARTS))
def test_a_plain_part_is_never_written(event: Any) -> None:
    """An event with a part in the clear is refused, whichever event it is (D6)."""
    with pytest.raises(NotSealed):
        encode_event(event)


def test_an_erased_part_is_never_written() -> None:
    """What nobody can read is not written as if it were a value."""
    with pytest.raises(NotSealed):
        encode_event(QuoteRequested(language="nl", details=Personal(Erased("quote"))))


BAD: dict[str, tuple[str, int, str | bytes]] = {
    "an unknown event": ("QuoteDreamt", 1, "{}"),
    "a newer version": ("QuoteDeclined", 2, '{"offer":1}'),
    "a version before the first": ("QuoteDeclined", 0, '{"offer":1}'),
    "a negative version": ("QuoteDeclined", -1, '{"offer":1}'),
    "no JSON": ("QuoteDeclined", 1, "offer"),
    "half a JSON": ("QuoteDeclined", 1, '{"offer":'),
    "a list": ("QuoteDeclined", 1, "[]"),
    "a missing field": ("QuoteDeclined", 1, "{}"),
    "an unknown field": ("QuoteDeclined", 1, '{"offer":1,"name":"x"}'),
    "another type": ("QuoteDeclined", 1, '{"offer":"1"}'),
    "a fraction": ("QuoteDeclined", 1, '{"offer":1.5}'),
    "bytes that are no text": ("QuoteDeclined", 1, b'{"offer":"\xff"}'),
    "nothing": ("QuoteDeclined", 1, b""),
    "a depth without end": ("QuoteDeclined", 0, b'{"offer":' + b"[" * 100_000),
    "a part that is no text": ("QuoteRequested", 1, '{"language":"nl","details":7}'),
    "a part that is no base64url": ("QuoteRequested", 1, '{"language":"nl","details":"a box?"}'),
    "a plain part": ("QuoteRequested", 1, '{"language":"nl","details":{"name":"Noor"}}'),
}


@pytest.mark.parametrize(("name", "version", "data"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_read_is_unreadable(name: str, version: int, data: str | bytes) -> None:
    """Bad input of any kind is the one error that parks a message."""
    with pytest.raises(Unreadable):
        decode_event(name, version, data)


def test_the_error_quotes_no_value() -> None:
    """A value in the wrong place is not repeated in the error, and so in no log (D5)."""
    with pytest.raises(Unreadable) as caught:
        decode_event("QuoteDeclined", 1, '{"offer":1,"noor@voorbeeld.example":"Noor"}')
    assert "noor" not in str(caught.value).lower()
    assert caught.value.__cause__ is None


def test_a_part_is_base64url_text() -> None:
    """On the wire a part is the box in the alphabet that is safe in links."""
    event = _sealed(anything_example())
    written = json.loads(encode_event(event))
    for field in parts_of(event):
        assert base64.urlsafe_b64decode(written[field]) == getattr(event, field).box


def anything_example() -> QuoteRequested:
    """One event with a part."""
    event: QuoteRequested = example_event(CATALOGUE["QuoteRequested"])
    return event


def test_an_event_without_parts_needs_no_seal() -> None:
    """Clear events are written as they are."""
    assert encode_event(QuoteDeclined(offer=3)) == '{"offer":3}'
