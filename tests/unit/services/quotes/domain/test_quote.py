"""One quote's life: each rule acts, refuses, and stays quiet when repeated."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from libs.events.errors import Conflict, Refused
from libs.events.event import Event
from libs.events.values import Category, Money
from libs.events.vocabulary.quotes import QuoteOffered
from libs.events.vocabulary.scrubbing import RecordAbandoned
from services.quotes.domain import refusals
from services.quotes.domain.quote import (
    QUOTE,
    AbandonAcceptance,
    AbandonRequest,
    AcceptQuote,
    Command,
    CompleteProject,
    DeclineQuote,
    ExpireQuote,
    OfferQuote,
    RequestQuote,
    ScrubQuote,
    StartProject,
)
from tests.unit.services.quotes.examples import (
    ABANDONED,
    ACCEPTED,
    AMOUNT,
    COMPLETED,
    DECLINED,
    DETAILS,
    ERASURE,
    EXPIRED,
    NOON,
    OFFERED,
    OFFERED_AGAIN,
    PARTY,
    REQUESTED,
    STARTED,
    TODAY_ON,
    VALID_UNTIL_ON,
    scrubbed,
)

REQUEST = RequestQuote(language="nl", details=DETAILS)
OFFER = OfferQuote(amount=AMOUNT, valid_until_on=VALID_UNTIL_ON, today_on=TODAY_ON)
ACCEPT = AcceptQuote(offer=1, party=PARTY, today_on=TODAY_ON)
DECLINE = DeclineQuote(offer=1, today_on=TODAY_ON)
EXPIRE = ExpireQuote(today_on=VALID_UNTIL_ON + timedelta(days=1))
ABANDON = AbandonAcceptance(held_since=NOON)
START = StartProject()
COMPLETE = CompleteProject(delivered_on=TODAY_ON, ordered_on=TODAY_ON, today_on=TODAY_ON)
YEAR_LATER_ON = TODAY_ON + timedelta(days=365)
OFFERED_FOR_A_YEAR = QuoteOffered(offer=1, amount=AMOUNT, valid_until_on=YEAR_LATER_ON)
SCRUB = ScrubQuote(erasure=ERASURE, categories=(Category.QUOTE,))
OPEN = (REQUESTED, OFFERED)
ORDERED = (*OPEN, ACCEPTED)
GONE = scrubbed(Category.QUOTE)


def decide(command: Command, *past: Event) -> tuple[Event, ...]:
    """What follows from the command after this past."""
    return QUOTE.decide(command, QUOTE.fold(past))


@pytest.mark.parametrize(
    ("past", "command", "follows"),
    [
        ((), REQUEST, REQUESTED),
        ((REQUESTED,), OFFER, OFFERED),
        ((*OPEN, EXPIRED), replace(OFFER, valid_until_on=date(2026, 4, 30)), OFFERED_AGAIN),
        ((*OPEN, DECLINED), replace(OFFER, valid_until_on=date(2026, 4, 30)), OFFERED_AGAIN),
        ((REQUESTED,), replace(OFFER, valid_until_on=YEAR_LATER_ON), OFFERED_FOR_A_YEAR),
        (OPEN, ACCEPT, ACCEPTED),
        (OPEN, replace(ACCEPT, today_on=VALID_UNTIL_ON), ACCEPTED),
        (OPEN, ABANDON, ABANDONED),
        ((), AbandonRequest(), RecordAbandoned()),
        ((RecordAbandoned(),), SCRUB, GONE),
        ((*OPEN, GONE), ABANDON, ABANDONED),
        ((*OPEN, ABANDONED), replace(ACCEPT, abandoned=NOON), ACCEPTED),
        (OPEN, DECLINE, DECLINED),
        (OPEN, EXPIRE, EXPIRED),
        (ORDERED, START, STARTED),
        ((*ORDERED, STARTED), COMPLETE, COMPLETED),
        ((), SCRUB, GONE),
        (ORDERED, SCRUB, GONE),
    ],
)
def test_quote_acts(past: tuple[Event, ...], command: Command, follows: Event) -> None:
    """A quote does what it is asked when its past allows it, to the last day of an offer."""
    assert decide(command, *past) == (follows,)


@pytest.mark.parametrize(
    ("past", "command"),
    [
        ((REQUESTED,), REQUEST),
        (OPEN, OFFER),
        ((*OPEN, EXPIRED), EXPIRE),
        (OPEN, replace(EXPIRE, today_on=VALID_UNTIL_ON)),
        (ORDERED, EXPIRE),
        (ORDERED, ABANDON),
        ((REQUESTED,), AbandonRequest()),
        ((GONE,), AbandonRequest()),
        ((RecordAbandoned(),), AbandonRequest()),
        ((*OPEN, ABANDONED), ABANDON),
        ((*OPEN, GONE), EXPIRE),
        ((*ORDERED, STARTED), START),
        ((REQUESTED, GONE), SCRUB),
        ((GONE,), SCRUB),
    ],
)
def test_quote_is_quiet_when_it_is_so_already(past: tuple[Event, ...], command: Command) -> None:
    """What was already so gives no second fact."""
    assert decide(command, *past) == ()


@pytest.mark.parametrize(
    ("past", "command", "refusal"),
    [
        ((RecordAbandoned(),), REQUEST, refusals.QuoteErased),
        ((), OFFER, refusals.QuoteUnknown),
        ((), ACCEPT, refusals.QuoteUnknown),
        ((REQUESTED,), ACCEPT, refusals.QuoteNotOffered),
        ((REQUESTED,), START, refusals.QuoteNotAccepted),
        ((REQUESTED,), COMPLETE, refusals.QuoteNotAccepted),
        ((*OPEN, OFFERED_AGAIN), ACCEPT, refusals.OfferSuperseded),
        ((*OPEN, OFFERED_AGAIN), DECLINE, refusals.OfferSuperseded),
        (OPEN, replace(ACCEPT, today_on=VALID_UNTIL_ON + timedelta(1)), refusals.OfferExpired),
        ((*OPEN, EXPIRED), ACCEPT, refusals.OfferExpired),
        ((*OPEN, DECLINED), ACCEPT, refusals.QuoteAlreadyDeclined),
        ((*OPEN, DECLINED), DECLINE, refusals.QuoteAlreadyDeclined),
        (ORDERED, ACCEPT, refusals.QuoteAlreadyAccepted),
        (ORDERED, DECLINE, refusals.QuoteAlreadyAccepted),
        (ORDERED, OFFER, refusals.QuoteAlreadyAccepted),
        (ORDERED, COMPLETE, refusals.ProjectNotStarted),
        ((*ORDERED, STARTED, COMPLETED), COMPLETE, refusals.ProjectAlreadyCompleted),
        ((*ORDERED, STARTED, COMPLETED), START, refusals.ProjectAlreadyCompleted),
        (
            (REQUESTED,),
            replace(OFFER, valid_until_on=TODAY_ON - timedelta(1)),
            refusals.OfferEndsInThePast,
        ),
        (
            (REQUESTED,),
            replace(OFFER, valid_until_on=TODAY_ON + timedelta(366)),
            refusals.OfferEndsTooLate,
        ),
        (
            (*ORDERED, STARTED),
            replace(COMPLETE, delivered_on=TODAY_ON + timedelta(1)),
            refusals.DeliveryInTheFuture,
        ),
        (
            (*ORDERED, STARTED),
            replace(COMPLETE, delivered_on=TODAY_ON - timedelta(1)),
            refusals.DeliveryBeforeOrder,
        ),
    ],
)
def test_quote_refuses(past: tuple[Event, ...], command: Command, refusal: type[Exception]) -> None:
    """A quote refuses by name what its past or the calendar forbids."""
    with pytest.raises(refusal):
        decide(command, *past)


def test_acceptance_whose_hold_was_taken_back_begins_again() -> None:
    """What was decided before the hold was taken back is not written after it."""
    with pytest.raises(Conflict):
        decide(ACCEPT, *OPEN, ABANDONED)


@pytest.mark.policy("6.erasure")
@pytest.mark.parametrize("command", [REQUEST, OFFER, ACCEPT, DECLINE, START, COMPLETE])
def test_erased_quote_refuses_everything(command: Command) -> None:
    """After an erasure nothing more is written for a quote without an order."""
    with pytest.raises(refusals.QuoteErased):
        decide(command, *OPEN, GONE)


@pytest.mark.policy("5.1.holds")
def test_order_goes_on_while_its_billing_is_held() -> None:
    """An order whose brief was erased is still carried out: the contract stands."""
    assert decide(START, *ORDERED, GONE) == (STARTED,)


def test_order_ends_with_its_billing() -> None:
    """An order whose billing party was erased can go no further."""
    with pytest.raises(refusals.QuoteErased):
        decide(START, *ORDERED, scrubbed(Category.BILLING))


def test_same_erasure_is_answered_for_every_category() -> None:
    """What an erasure destroyed later is answered for as well, and each once."""
    command = ScrubQuote(erasure=ERASURE, categories=(Category.BILLING,))
    answer = scrubbed(Category.BILLING)
    assert decide(command, *ORDERED, GONE) == (answer,)
    assert decide(command, *ORDERED, GONE, answer) == ()


_DAYS = some.dates(TODAY_ON, TODAY_ON + timedelta(days=60))
_COMMANDS = some.one_of(
    some.just(REQUEST),
    some.builds(
        OfferQuote,
        amount=some.builds(Money, cents=some.integers(1, 10**9)),
        valid_until_on=_DAYS,
        today_on=_DAYS,
    ),
    some.builds(AcceptQuote, offer=some.integers(1, 3), party=some.just(PARTY), today_on=_DAYS),
    some.builds(DeclineQuote, offer=some.integers(1, 3), today_on=_DAYS),
    some.builds(ExpireQuote, today_on=_DAYS),
    some.just(AbandonRequest()),
    some.builds(AbandonAcceptance, held_since=some.just(NOON)),
    some.just(START),
    some.builds(CompleteProject, delivered_on=_DAYS, ordered_on=_DAYS, today_on=_DAYS),
    some.builds(
        ScrubQuote,
        erasure=some.uuids(),
        categories=some.lists(some.sampled_from(Category), max_size=2).map(tuple),
    ),
)


def live(commands: list[Any]) -> list[Event]:
    """The facts of a life in which every refusal is shrugged off."""
    past: list[Event] = []
    for command in commands:
        try:
            past += decide(command, *past)
        except (Refused, Conflict):
            continue
    return past


@given(some.lists(_COMMANDS, max_size=12))
def test_quote_is_ordered_and_completed_once_at_most(commands: list[Any]) -> None:
    """However a quote is asked, it has one request, one acceptance and one completion at most."""
    names = [type(event).__name__ for event in live(commands)]
    once = ("QuoteRequested", "QuoteAccepted", "ProjectStarted", "ProjectCompleted")
    assert all(names.count(name) <= 1 for name in once)


@given(some.lists(_COMMANDS, max_size=12))
def test_no_personal_fact_follows_an_erasure(commands: list[Any]) -> None:
    """However a quote is asked, nothing personal is written once its content was erased."""
    names = [
        "erased" if Category.QUOTE in getattr(event, "categories", ()) else type(event).__name__
        for event in live(commands)
    ]
    after = names[names.index("erased") :] if "erased" in names else []
    assert not {"QuoteRequested", "QuoteAccepted"} & set(after)
