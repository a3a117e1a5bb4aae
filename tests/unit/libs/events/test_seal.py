"""A box opens in its own place, for its own record, under its own key; nowhere else."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.events.catalogue import CATALOGUE
from libs.events.errors import Unreadable
from libs.events.personal import Erased, Personal, PersonalPart, Sealed
from libs.events.seal import (
    Header,
    check_places,
    open_box,
    open_personal,
    read_header,
    seal_event,
    seal_part,
)
from libs.events.vocabulary.consent import Requester
from libs.events.vocabulary.quotes import QuoteDeclined, QuoteDetails, QuoteRequested
from tests.contract.examples import example_event
from tests.unit.libs.events.strategies import SECRETS, parts

SECRET, OTHER_SECRET = b"k" * 32, b"o" * 32
RECORD, OTHER_RECORD = UUID(int=7), UUID(int=8)
PLACE = Header(event_id=UUID(int=1), name="Asked", schema_version=1, category="quote", part="who")
REQUESTER = Requester(email="noor@voorbeeld.example")
BOX = seal_part(REQUESTER, PLACE, RECORD, SECRET)
slowly = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@slowly
@given(parts())
def test_what_was_sealed_opens_as_it_was(part: PersonalPart) -> None:
    """Any part comes out of its box as it went in, and says what it was sealed for."""
    box = seal_part(part, PLACE, RECORD, SECRET)
    assert open_box(box, type(part), RECORD, SECRET) == part
    assert read_header(box)[0] == PLACE


@slowly
@given(bit=st.integers(min_value=0, max_value=len(BOX) * 8 - 1))
def test_a_flipped_bit_does_not_open(bit: int) -> None:
    """Any change, in header, nonce or ciphertext, is noticed."""
    changed = bytearray(BOX)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        open_box(bytes(changed), Requester, RECORD, SECRET)


@slowly
@given(length=st.integers(min_value=0, max_value=len(BOX) - 1))
def test_a_box_cut_short_does_not_open(length: int) -> None:
    """Half a box is unreadable, not half a value."""
    with pytest.raises(Unreadable):
        open_box(BOX[:length], Requester, RECORD, SECRET)


@slowly
@given(st.binary(max_size=200))
def test_bytes_that_are_no_box_are_unreadable(junk: bytes) -> None:
    """Anything that comes in the place of a box is the one error, never another."""
    with pytest.raises(Unreadable):
        open_box(junk, Requester, RECORD, SECRET)


def test_another_record_does_not_open_it() -> None:
    """P34: a box moved to another record does not open, even under the same key."""
    with pytest.raises(Unreadable):
        open_box(BOX, Requester, OTHER_RECORD, SECRET)


def test_another_key_does_not_open_it() -> None:
    """Only the key it was sealed under opens a box."""
    with pytest.raises(Unreadable):
        open_box(BOX, Requester, RECORD, OTHER_SECRET)


@pytest.mark.parametrize(
    "moved",
    [
        {"event_id": UUID(int=2)},
        {"name": "Added"},
        {"schema_version": 2},
        {"category": "fable"},
        {"part": "why"},
    ],
    ids=lambda moved: next(iter(moved)),
)
def test_a_header_written_over_does_not_open(moved: dict[str, Any]) -> None:
    """P34: the header is bound: a box relabelled for another place does not open."""
    relabelled = msgspec.structs.replace(PLACE, **moved).encode()
    assert len(relabelled) == len(PLACE.encode())
    with pytest.raises(Unreadable):
        open_box(relabelled + BOX[len(relabelled) :], Requester, RECORD, SECRET)


def test_the_same_part_twice_is_two_boxes() -> None:
    """Equal values do not look equal: nobody compares people by their boxes."""
    assert seal_part(REQUESTER, PLACE, RECORD, SECRET) != BOX


def test_a_part_of_another_shape_is_unreadable() -> None:
    """What opens but is not that part is parked, and its value is not quoted."""
    with pytest.raises(Unreadable) as caught:
        open_box(BOX, QuoteDetailsLike, RECORD, SECRET)
    assert "noor" not in str(caught.value)


class QuoteDetailsLike(PersonalPart, frozen=True, kw_only=True):
    """A part that the box does not hold."""

    brief: str


def _requested(event_id: UUID) -> QuoteRequested:
    plain = example_event(CATALOGUE["QuoteRequested"])
    sealed = seal_event(plain, event_id=event_id, record=RECORD, secrets=SECRETS)
    assert isinstance(sealed, QuoteRequested)
    return sealed


def test_an_event_with_its_own_boxes_is_in_place() -> None:
    """A box in the event and field it was sealed for is accepted."""
    check_places(_requested(UUID(int=1)), UUID(int=1))


def test_a_box_of_an_older_version_is_in_place() -> None:
    """An event of an older shape keeps its boxes when it is read in today's."""
    own = Header(
        event_id=UUID(int=1),
        name="QuoteRequested",
        schema_version=QuoteRequested.version + 1,
        category="quote",
        part="details",
    )
    box = seal_part(REQUESTER, own, RECORD, SECRET)
    check_places(QuoteRequested(language="nl", details=Personal(Sealed(box))), UUID(int=1))


def test_a_box_of_another_event_is_out_of_place() -> None:
    """P34: a box swapped in from another event of the same record and key is noticed."""
    with pytest.raises(Unreadable, match="sealed for another place"):
        check_places(_requested(UUID(int=1)), UUID(int=2))


@pytest.mark.parametrize("change", [{"part": "party"}, {"name": "QuoteAccepted"}])
def test_a_box_of_another_field_is_out_of_place(change: dict[str, str]) -> None:
    """P34: a box swapped in from another field or event name under the same key is noticed."""
    own = Header(
        event_id=UUID(int=1),
        name="QuoteRequested",
        schema_version=1,
        category="quote",
        part="details",
    )
    header = msgspec.structs.replace(own, **change)
    box = seal_part(REQUESTER, header, RECORD, SECRET)
    event = QuoteRequested(language="nl", details=Personal(Sealed(box)))
    with pytest.raises(Unreadable, match="the part details"):
        check_places(event, UUID(int=1))


def test_sealing_asks_for_the_category_of_each_part() -> None:
    """Without the key of its category an event is not sealed at all."""
    plain = example_event(CATALOGUE["QuoteRequested"])
    with pytest.raises(KeyError, match="quote"):
        seal_event(plain, event_id=UUID(int=1), record=RECORD, secrets={"billing": SECRET})


def test_an_event_without_parts_stays_itself() -> None:
    """There is nothing to seal where no person is."""
    event = QuoteDeclined(offer=1)
    assert seal_event(event, event_id=UUID(int=1), record=RECORD, secrets={}) is event


def test_without_its_key_a_part_says_erased() -> None:
    """A destroyed key gives an erased part, never an error and never a blank value."""
    sealed = _requested(UUID(int=1)).details
    assert open_personal(sealed, QuoteDetails, RECORD, {}).held == Erased("quote")


def test_a_wrong_key_is_not_an_erasure() -> None:
    """P30: a key that does not fit is trouble, and is not mistaken for a destroyed one."""
    with pytest.raises(Unreadable):
        open_personal(_requested(UUID(int=1)).details, QuoteDetails, RECORD, {"quote": SECRET})
