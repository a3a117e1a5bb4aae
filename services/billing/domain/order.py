"""One order's life: placed, invoiced, held by law, released, scrubbed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from libs.events.decider import Decider
from libs.events.event import Event
from libs.events.personal import Personal
from libs.events.values import Category, Money, Owner
from libs.events.vocabulary.billing import (
    InvoiceHoldPlaced,
    InvoiceHoldReleased,
    InvoiceIssued,
    OrderPlaced,
)
from libs.events.vocabulary.quotes import BillingParty
from libs.events.vocabulary.scrubbing import RecordScrubbed, ScrubStarted
from services.billing.domain.hold import HOLD_REASON, HoldRule
from services.billing.domain.refusals import HoldStillRuns, OrderErased, OrderMissing
from services.billing.domain.vat import VatDecision


@dataclass(frozen=True, kw_only=True)
class PlaceOrder:
    """Turn an accepted quote into an order, and keep its billing party for the law."""

    placed_on: date
    amount: Money
    language: str
    party: Personal[BillingParty]
    hold: HoldRule


@dataclass(frozen=True, kw_only=True)
class IssueInvoice:
    """Invoice the delivered work under a number that was just taken."""

    number: str
    issued_on: date
    supplied_on: date
    vat: VatDecision
    line: str
    party: Personal[BillingParty]
    hold: HoldRule


@dataclass(frozen=True, kw_only=True)
class ReleaseHold:
    """End the hold, its last day being past."""

    today_on: date


@dataclass(frozen=True, kw_only=True)
class BeginScrub:
    """Blank what is kept of the record in these categories, whose keys were destroyed.

    Shape: `again` when retention misses the answer, whether it was given or not.
    """

    erasure: UUID
    categories: tuple[Category, ...]
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class FinishScrub:
    """Say that the objects of the record are gone."""

    erasure: UUID
    objects_deleted: int


Command = PlaceOrder | IssueInvoice | ReleaseHold | BeginScrub | FinishScrub


@dataclass(frozen=True, kw_only=True)
class Order:
    """What billing knows of one record.

    Shape: a record of another kind, or one never ordered, stays at the beginning; `scrubbing` are
           the erasures begun and not finished, with their categories.
    """

    amount: Money | None = None
    number: str | None = None
    held_until_on: date | None = None
    scrubbing: Mapping[UUID, tuple[Category, ...]] = field(default_factory=dict)
    scrubbed: frozenset[tuple[UUID, Category]] = field(default_factory=frozenset)
    is_erased: bool = False


def evolve(order: Order, event: Event) -> Order:
    """The order after one more fact."""
    match event:
        case OrderPlaced():
            return replace(order, amount=event.amount)
        case InvoiceIssued():
            return replace(order, number=event.number)
        case InvoiceHoldPlaced():
            return replace(order, held_until_on=event.until_on)
        case InvoiceHoldReleased():
            return replace(order, held_until_on=None)
        case ScrubStarted() | RecordScrubbed():
            return _after_scrub(order, event)
    return order


def _after_scrub(order: Order, event: ScrubStarted | RecordScrubbed) -> Order:
    is_erased = order.is_erased or Category.BILLING in event.categories
    if isinstance(event, ScrubStarted):
        begun = {**order.scrubbing, event.erasure: event.categories}
        return replace(order, scrubbing=begun, is_erased=is_erased)
    left = {erasure: it for erasure, it in order.scrubbing.items() if erasure != event.erasure}
    scrubbed = order.scrubbed | {(event.erasure, category) for category in event.categories}
    return replace(order, scrubbing=left, scrubbed=scrubbed, is_erased=is_erased)


def decide(command: Command, order: Order) -> tuple[Event, ...]:
    """What happens to an order when it is asked for something.

    Shape:  the same command twice gives nothing the second time.
    Raises: Refused, when the law or the order's own past forbids it.
    Source: clauses 2.compliance, 5.1.billing, 6.erasure.
    """
    match command:
        case PlaceOrder():
            return _place_order(command, order)
        case IssueInvoice():
            return _issue_invoice(command, order)
        case ReleaseHold():
            return _release_hold(command, order)
        case BeginScrub():
            return _begin_scrub(command, order)
        case FinishScrub():
            return _finish_scrub(command, order)


def _place_order(command: PlaceOrder, order: Order) -> tuple[Event, ...]:
    if order.amount is not None:
        return ()
    _refuse_erased(order)
    placed = OrderPlaced(
        placed_on=command.placed_on,
        amount=command.amount,
        language=command.language,
        party=command.party,
    )
    return placed, command.hold.placed(command.placed_on)


def _issue_invoice(command: IssueInvoice, order: Order) -> tuple[Event, ...]:
    if order.number is not None:
        return ()
    net = billable(order)
    vat = command.vat.on(net)
    issued = InvoiceIssued(
        number=command.number,
        issued_on=command.issued_on,
        supplied_on=command.supplied_on,
        net=net,
        vat=vat,
        gross=Money(cents=net.cents + vat.cents, currency=vat.currency),
        vat_rate_basis_points=command.vat.rate_basis_points,
        vat_treatment=command.vat.treatment,
        line=command.line,
        party=command.party,
    )
    return issued, command.hold.placed(command.issued_on, not_before=order.held_until_on)


def billable(order: Order) -> Money:
    """The net amount of an order that may be invoiced; asked first, no number is taken in vain.

    Raises: OrderMissing or OrderErased.
    """
    if order.amount is None:
        raise OrderMissing("the record was never ordered: no invoice was issued")
    _refuse_erased(order)
    return order.amount


def _refuse_erased(order: Order) -> None:
    if order.is_erased:
        raise OrderErased("the billing party of the record was erased: nothing was billed")


def _release_hold(command: ReleaseHold, order: Order) -> tuple[Event, ...]:
    if order.held_until_on is None:
        return ()
    if command.today_on <= order.held_until_on:
        until = order.held_until_on.isoformat()
        message = f"the hold runs until the end of {until}: nothing was released"
        raise HoldStillRuns(message)
    return (InvoiceHoldReleased(category=Category.BILLING, reason=HOLD_REASON),)


def _begin_scrub(command: BeginScrub, order: Order) -> tuple[Event, ...]:
    begun = order.scrubbing.get(command.erasure, ())
    is_begun = command.erasure in order.scrubbing
    is_answered = bool(command.categories) and all(
        category in begun or (command.erasure, category) in order.scrubbed
        for category in command.categories
    )
    if is_answered and (is_begun or not command.again):
        return ()
    if order.number is not None and Category.BILLING in command.categories:
        return (ScrubStarted(erasure=command.erasure, categories=command.categories),)
    return (_scrubbed(command.erasure, command.categories, objects_deleted=0),)


def _finish_scrub(command: FinishScrub, order: Order) -> tuple[Event, ...]:
    categories = order.scrubbing.get(command.erasure)
    if categories is None:
        return ()
    return (_scrubbed(command.erasure, categories, objects_deleted=command.objects_deleted),)


def _scrubbed(
    erasure: UUID, categories: tuple[Category, ...], *, objects_deleted: int
) -> RecordScrubbed:
    return RecordScrubbed(
        owner=Owner.BILLING,
        erasure=erasure,
        categories=categories,
        objects_deleted=objects_deleted,
    )


ORDER: Decider[Command, Order] = Decider(initial=Order(), evolve=evolve, decide=decide)
"""The decider of billing's one stream."""
