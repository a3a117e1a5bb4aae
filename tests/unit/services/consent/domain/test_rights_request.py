"""The rules by which a rights request goes from receipt to answer."""

from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest

from libs.events.event import Event
from libs.events.values import Category
from libs.events.vocabulary.consent import Requester
from libs.events.vocabulary.scrubbing import RecordAbandoned
from libs.policy.calendar import Months
from services.consent.domain.refusals import (
    NoSuchRequest,
    RequestAlreadyConfirmed,
    RequestClosed,
    RequestLate,
)
from services.consent.domain.rights_request import (
    RIGHTS_REQUEST,
    Answer,
    CarryOut,
    Command,
    Confirm,
    Receive,
    Right,
    due_on,
    outcome_of,
)
from tests.unit.services.consent.facts import (
    NOW,
    answered,
    carried_out,
    received,
    requested,
    scrubbed,
)

RECEIVE = Receive(
    right=Right.ERASURE,
    language="nl",
    requester=Requester(email="ada@example.org"),
    at=NOW,
    answer_within=Months(1),
)
CARRY_OUT = CarryOut(
    erasure=carried_out.erasure,
    completed_at=carried_out.completed_at,
    erased=carried_out.erased,
    held=carried_out.held,
)
SCRUBBED = scrubbed(Category.RIGHTS_REQUEST)


def _decide(command: Command, *history: Event) -> tuple[Event, ...]:
    return RIGHTS_REQUEST.decide(command, RIGHTS_REQUEST.fold(history))


def test_request_is_received_with_its_last_day() -> None:
    """A request of 31 January is due on 28 February, counted from receipt."""
    assert _decide(RECEIVE) == (received,)


def test_request_is_received_once() -> None:
    """The same receipt twice gives one fact."""
    assert _decide(RECEIVE, received) == ()


@pytest.mark.parametrize("gone", [RecordAbandoned(), SCRUBBED])
def test_request_that_comes_too_late_is_refused(gone: Event) -> None:
    """Nothing is sealed under a key that is let go or destroyed already."""
    with pytest.raises(RequestClosed):
        _decide(RECEIVE, gone)


def test_request_is_confirmed_by_the_link() -> None:
    """A confirmation asks retention to erase, with the receipt's own dates."""
    assert _decide(Confirm(at=NOW), received) == (requested,)


def test_confirmation_is_refused_without_a_request() -> None:
    """What was never received cannot be confirmed."""
    with pytest.raises(NoSuchRequest):
        _decide(Confirm(at=NOW))


@pytest.mark.parametrize("later", [(), (carried_out,), (carried_out, answered, SCRUBBED)])
def test_confirmation_counts_once(later: tuple[Event, ...]) -> None:
    """A link that was used is refused at every later stage."""
    with pytest.raises(RequestAlreadyConfirmed):
        _decide(Confirm(at=NOW), received, requested, *later)


def test_confirmation_is_refused_after_the_last_day() -> None:
    """From the first instant after the due day in Amsterdam the link no longer counts."""
    with pytest.raises(RequestLate):
        _decide(Confirm(at=datetime(2026, 2, 28, 23, tzinfo=UTC)), received)


def test_confirmation_counts_until_the_end_of_the_last_day() -> None:
    """The last second of the due day is in time."""
    last = datetime(2026, 2, 28, 22, 59, 59, tzinfo=UTC)
    assert _decide(Confirm(at=last), received) == (requested,)


def test_confirmation_is_refused_once_the_address_is_erased() -> None:
    """A request that was forgotten cannot be taken up again."""
    with pytest.raises(RequestClosed):
        _decide(Confirm(at=NOW), received, SCRUBBED)


def test_request_is_carried_out_when_its_erasure_completes() -> None:
    """What went and what stays is kept as retention said it."""
    assert _decide(CARRY_OUT, received, requested) == (carried_out,)


@pytest.mark.parametrize("history", [(), (received,), (received, requested, carried_out)])
def test_outcome_stays_quiet_when_not_awaited(history: tuple[Event, ...]) -> None:
    """An outcome of an unknown, unconfirmed or finished request gives nothing."""
    assert _decide(CARRY_OUT, *history) == ()


def test_request_is_answered_after_the_person_was_told() -> None:
    """The answer closes the request, in one word."""
    assert _decide(Answer(told=True), received, requested, carried_out) == (answered,)


def test_answer_is_given_once() -> None:
    """The same answer twice gives one fact."""
    assert _decide(Answer(told=True), received, requested, carried_out, answered) == ()


def test_request_is_answered_when_its_address_went_before_the_letter() -> None:
    """A request whose address another erasure took is closed as not told."""
    (event,) = _decide(Answer(told=False), received, requested, SCRUBBED, carried_out)
    assert event == msgspec.structs.replace(answered, told=False)


def test_outcome_says_nothing_kept_when_nothing_was_there() -> None:
    """An unknown address gets a word of its own."""
    nothing = msgspec.structs.replace(carried_out, erased=(), held=(), erasure=UUID(int=9))
    assert outcome_of(nothing) == "nothing_kept"


def test_due_day_is_counted_in_amsterdam() -> None:
    """Half past eleven in the evening in UTC is the next day in Amsterdam."""
    assert due_on(datetime(2026, 1, 30, 23, 30, tzinfo=UTC), Months(1)) == date(2026, 2, 28)
