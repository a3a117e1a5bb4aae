"""One order's life: what is decided, refused and left alone."""

from datetime import date

import pytest

from libs.events.event import Event
from libs.events.personal import Personal
from libs.events.testing.spec import spec
from libs.events.values import Category
from services.billing.domain.order import (
    ORDER,
    BeginScrub,
    FinishScrub,
    IssueInvoice,
    PlaceOrder,
    ReleaseHold,
)
from services.billing.domain.refusals import HoldStillRuns, OrderErased, OrderMissing
from services.billing.domain.vat import Treatment, VatDecision
from tests.unit.services.billing.examples import (
    AMOUNT,
    ERASURE,
    HELD,
    ISSUED,
    LATER_ERASURE,
    PARTY,
    PLACED,
    RELEASED,
    RULE,
    TODAY_ON,
    UNTIL_ON,
    scrub_started,
    scrubbed,
)

BILLING = (Category.BILLING,)
PLACE = PlaceOrder(
    placed_on=TODAY_ON, amount=AMOUNT, language="nl", party=Personal(PARTY), hold=RULE
)
ISSUE = IssueInvoice(
    number="2026-000001",
    issued_on=TODAY_ON,
    supplied_on=TODAY_ON,
    vat=VatDecision(Treatment.STANDARD, 2100),
    line=ISSUED.line,
    party=Personal(PARTY),
    hold=RULE,
)
ORDERED: tuple[Event, ...] = (PLACED, HELD)
INVOICED: tuple[Event, ...] = (PLACED, HELD, ISSUED, HELD)


@pytest.mark.policy("5.1.billing")
def test_order_is_placed_under_hold() -> None:
    """An order and its hold come together, so there is no moment without one."""
    spec(ORDER).given().when(PLACE).then(PLACED, HELD)


def test_order_is_placed_once() -> None:
    """The same acceptance heard twice makes one order."""
    spec(ORDER).given(*ORDERED).when(PLACE).does_nothing()


def test_order_is_refused_when_its_party_is_erased() -> None:
    """Nothing is ordered on a record whose billing party is gone."""
    spec(ORDER).given(scrubbed(Category.BILLING)).when(PLACE).refuses(OrderErased)


def test_order_may_follow_an_erasure_of_the_quote() -> None:
    """Only the billing party decides whether something can be billed."""
    spec(ORDER).given(scrubbed(Category.QUOTE)).when(PLACE).then(PLACED, HELD)


@pytest.mark.policy("2.compliance")
def test_invoice_is_issued_with_its_hold() -> None:
    """An invoice carries amount, VAT and number, and moves the hold on."""
    spec(ORDER).given(*ORDERED).when(ISSUE).then(ISSUED, HELD)


def test_invoice_is_issued_once() -> None:
    """An order has one invoice, whatever number a repeat brings along."""
    spec(ORDER).given(*INVOICED).when(ISSUE).does_nothing()


def test_invoice_needs_an_order() -> None:
    """Work on a record that was never ordered here is not invoiced."""
    spec(ORDER).given().when(ISSUE).refuses(OrderMissing)


def test_invoice_is_refused_when_its_party_is_erased() -> None:
    """An invoice must name its buyer."""
    past = (*ORDERED, RELEASED, scrubbed(Category.BILLING))
    spec(ORDER).given(*past).when(ISSUE).refuses(OrderErased)


@pytest.mark.policy("5.1.billing")
def test_hold_is_kept_on_its_last_day() -> None:
    """The last day belongs to the hold."""
    spec(ORDER).given(*INVOICED).when(ReleaseHold(today_on=UNTIL_ON)).refuses(HoldStillRuns)


@pytest.mark.policy("5.1.billing")
def test_hold_is_released_on_the_day_after() -> None:
    """The day after the last one the law keeps nothing."""
    command = ReleaseHold(today_on=date(2034, 1, 1))
    spec(ORDER).given(*INVOICED).when(command).then(RELEASED)


def test_hold_is_released_once() -> None:
    """Told again, billing finds nothing to release."""
    command = ReleaseHold(today_on=date(2034, 1, 1))
    spec(ORDER).given(*INVOICED, RELEASED).when(command).does_nothing()


@pytest.mark.policy("6.erasure")
def test_scrub_of_an_invoice_begins_first() -> None:
    """Nobody is told that it is gone while its document may still lie there."""
    command = BeginScrub(erasure=ERASURE, categories=BILLING)
    spec(ORDER).given(*INVOICED, RELEASED).when(command).then(scrub_started(*BILLING))


def test_scrub_without_documents_is_said_at_once() -> None:
    """An order without an invoice has no object to wait for."""
    command = BeginScrub(erasure=ERASURE, categories=BILLING)
    spec(ORDER).given(*ORDERED, RELEASED).when(command).then(scrubbed(*BILLING))


def test_scrub_of_other_categories_is_said_at_once() -> None:
    """The erasure of a quote leaves its invoice alone."""
    command = BeginScrub(erasure=ERASURE, categories=(Category.QUOTE,))
    spec(ORDER).given(*INVOICED).when(command).then(scrubbed(Category.QUOTE))


def test_scrub_of_an_unknown_record_is_answered() -> None:
    """The certificate waits for every owner, also for one that kept nothing."""
    command = BeginScrub(erasure=ERASURE, categories=(Category.CONSENT,))
    spec(ORDER).given().when(command).then(scrubbed(Category.CONSENT))


@pytest.mark.parametrize("past", [scrub_started(*BILLING), scrubbed(*BILLING)])
def test_scrub_begins_once_per_erasure(past: Event) -> None:
    """The same erasure heard again changes nothing, begun or finished."""
    command = BeginScrub(erasure=ERASURE, categories=BILLING)
    spec(ORDER).given(*INVOICED, past).when(command).does_nothing()


def test_same_erasure_scrubs_what_it_destroyed_later() -> None:
    """An answer for one category is no answer for another."""
    command = BeginScrub(erasure=ERASURE, categories=BILLING)
    past = (*INVOICED, scrubbed(Category.QUOTE), RELEASED)
    spec(ORDER).given(*past).when(command).then(scrub_started(*BILLING))


def test_later_erasure_scrubs_again() -> None:
    """What was held at the first erasure goes with a later one."""
    command = BeginScrub(erasure=LATER_ERASURE, categories=BILLING)
    past = (*INVOICED, scrubbed(Category.QUOTE), RELEASED)
    spec(ORDER).given(*past).when(command).then(scrub_started(*BILLING, erasure=LATER_ERASURE))


def test_answer_that_retention_misses_is_given_again() -> None:
    """Asked again, billing deletes and answers once more, unless it is just deleting."""
    again = BeginScrub(erasure=ERASURE, categories=BILLING, again=True)
    over = (*INVOICED, RELEASED, scrub_started(*BILLING), scrubbed(*BILLING))
    spec(ORDER).given(*over).when(again).then(scrub_started(*BILLING))
    spec(ORDER).given(scrubbed(*BILLING)).when(again).then(scrubbed(*BILLING))
    spec(ORDER).given(*INVOICED, scrub_started(*BILLING)).when(again).does_nothing()


def test_scrub_ends_with_what_was_deleted() -> None:
    """The answer names the categories that it began with and how many objects went."""
    command = FinishScrub(erasure=ERASURE, objects_deleted=2)
    past = (*INVOICED, RELEASED, scrub_started(*BILLING))
    spec(ORDER).given(*past).when(command).then(scrubbed(*BILLING, objects_deleted=2))


def test_scrub_ends_once() -> None:
    """A repeated effect says nothing a second time."""
    command = FinishScrub(erasure=ERASURE, objects_deleted=0)
    past = (*INVOICED, RELEASED, scrub_started(*BILLING), scrubbed(*BILLING))
    spec(ORDER).given(*past).when(command).does_nothing()
