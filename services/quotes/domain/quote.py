"""One quote's life, top to bottom: what may be asked of it, what it remembers, what follows."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from libs.events.decider import Decider
from libs.events.errors import Conflict
from libs.events.event import Event
from libs.events.personal import Personal
from libs.events.values import Category, Money, Owner
from libs.events.vocabulary.quotes import (
    AcceptanceAbandoned,
    BillingParty,
    ProjectCompleted,
    ProjectStarted,
    QuoteAccepted,
    QuoteDeclined,
    QuoteDetails,
    QuoteExpired,
    QuoteOffered,
    QuoteRequested,
)
from libs.events.vocabulary.scrubbing import RecordAbandoned, RecordScrubbed
from libs.policy.calendar import Months, add_months
from services.quotes.domain.refusals import (
    DeliveryBeforeOrder,
    DeliveryInTheFuture,
    OfferEndsInThePast,
    OfferEndsTooLate,
    OfferExpired,
    OfferSuperseded,
    ProjectAlreadyCompleted,
    ProjectNotStarted,
    QuoteAlreadyAccepted,
    QuoteAlreadyDeclined,
    QuoteErased,
    QuoteNotAccepted,
    QuoteNotOffered,
    QuoteUnknown,
)

OFFER_OPEN_MAX = Months(12)
"""How long an offer can be open: no longer than a quote without an order is kept (5.1.quote)."""

# ── What may be asked ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class RequestQuote:
    """Somebody asks for a price."""

    language: str
    details: QuoteDetails


@dataclass(frozen=True, kw_only=True)
class OfferQuote:
    """Staff name a price, net of VAT, until a date; a later offer replaces an earlier one."""

    amount: Money
    valid_until_on: date
    today_on: date


@dataclass(frozen=True, kw_only=True)
class AcceptQuote:
    """The customer says yes to one offer and says whom to invoice.

    Shape: `abandoned` is what the quote remembered of it before the key of the party was made.
    """

    offer: int
    party: BillingParty
    today_on: date
    abandoned: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AbandonAcceptance:
    """The hold of an acceptance is old, and perhaps nothing came of it."""

    held_since: datetime


@dataclass(frozen=True, kw_only=True)
class AbandonRequest:
    """The key of a request is old, and perhaps its first fact was never kept."""


@dataclass(frozen=True, kw_only=True)
class DeclineQuote:
    """The customer says no to one offer."""

    offer: int
    today_on: date


@dataclass(frozen=True, kw_only=True)
class ExpireQuote:
    """The calendar asks whether the offer is still open."""

    today_on: date


@dataclass(frozen=True, kw_only=True)
class StartProject:
    """Staff begin the work."""


@dataclass(frozen=True, kw_only=True)
class CompleteProject:
    """Staff delivered the work."""

    delivered_on: date
    ordered_on: date
    today_on: date


@dataclass(frozen=True, kw_only=True)
class ScrubQuote:
    """An erasure destroyed these categories of the record's keys.

    Shape: `again` when retention misses the answer, whether it was given or not.
    """

    erasure: UUID
    categories: tuple[Category, ...]
    again: bool = False


Step = OfferQuote | AcceptQuote | DeclineQuote | StartProject | CompleteProject
"""What only a living quote may be asked."""

Command = RequestQuote | AbandonRequest | Step | ExpireQuote | AbandonAcceptance | ScrubQuote

# ── What a quote remembers ───────────────────────────────────────────────────────────────────────


class Stage(StrEnum):
    """How far a quote has come."""

    UNKNOWN = "unknown"
    REQUESTED = "requested"
    OFFERED = "offered"
    DECLINED = "declined"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    STARTED = "started"
    COMPLETED = "completed"


ORDERED = frozenset({Stage.ACCEPTED, Stage.STARTED, Stage.COMPLETED})
"""The stages in which an order exists."""


@dataclass(frozen=True)
class Offer:
    """The offer that stands: its number counts the offers of the quote from one."""

    number: int
    amount: Money
    valid_until_on: date


@dataclass(frozen=True)
class Quote:
    """What a quote remembers of its past, no person included.

    Shape: `abandoned` is since when the hold stood that was taken back last; what was abandoned
           before its first fact counts as erased.
    """

    stage: Stage = Stage.UNKNOWN
    language: str = ""
    offer: Offer | None = None
    abandoned: datetime | None = None
    erased: frozenset[Category] = frozenset()
    erasures: frozenset[UUID] = frozenset()

    @property
    def is_gone(self) -> bool:
        """Whether no further fact may follow: what the next one needs was erased.

        Why: an order is a contract and goes on after its brief is erased, as long as the law
             keeps its billing party; a quote without an order ends with its brief.
        """
        needed = Category.BILLING if self.stage in ORDERED else Category.QUOTE
        return needed in self.erased


def evolve(quote: Quote, event: Event) -> Quote:
    """The quote after this fact; facts of others change nothing."""
    match event:
        case QuoteRequested():
            return replace(quote, stage=Stage.REQUESTED, language=event.language)
        case QuoteOffered():
            offer = Offer(event.offer, event.amount, event.valid_until_on)
            return replace(quote, stage=Stage.OFFERED, offer=offer)
        case AcceptanceAbandoned():
            return replace(quote, abandoned=event.held_since)
        case RecordAbandoned():
            return replace(quote, erased=quote.erased | {Category.QUOTE})
        case RecordScrubbed():
            return replace(
                quote,
                erased=quote.erased | set(event.categories),
                erasures=quote.erasures | {event.erasure},
            )
        case _:
            return replace(quote, stage=_STAGE_AFTER.get(type(event), quote.stage))


_STAGE_AFTER: dict[type[Event], Stage] = {
    QuoteAccepted: Stage.ACCEPTED,
    QuoteDeclined: Stage.DECLINED,
    QuoteExpired: Stage.EXPIRED,
    ProjectStarted: Stage.STARTED,
    ProjectCompleted: Stage.COMPLETED,
}

# ── What follows ─────────────────────────────────────────────────────────────────────────────────


def decide(command: Command, quote: Quote) -> tuple[Event, ...]:
    """What happens to a quote when it is asked for something.

    Shape:  what was already so gives nothing; a second answer or completion is refused.
    Raises: Refused, when the offer, the date or an erasure forbids it; Conflict, when the hold of
            an acceptance was taken back since its key was made: it is to begin again.
    Source: clauses 2.quotes, 5.1.quote; D7, D9.
    """
    match command:
        case ScrubQuote():
            return _scrub(command, quote)
        case ExpireQuote():
            return _expire(command, quote)
        case AbandonAcceptance():
            return _abandon(command, quote)
        case RequestQuote():
            return _request(command, quote)
        case AbandonRequest():
            return () if quote != Quote() else (RecordAbandoned(),)
        case _:
            _refuse_what_is_gone(quote)
            return _go_on(command, quote)


def _go_on(command: Step, quote: Quote) -> tuple[Event, ...]:
    match command:
        case OfferQuote():
            return _offer(command, quote)
        case AcceptQuote():
            return _accept(command, quote)
        case DeclineQuote():
            return _decline(command, quote)
        case StartProject():
            return _start(quote)
        case CompleteProject():
            return _complete(command, quote)


def _refuse_what_is_gone(quote: Quote) -> None:
    if quote.is_gone:
        raise QuoteErased
    if quote.stage is Stage.UNKNOWN:
        raise QuoteUnknown


def _request(command: RequestQuote, quote: Quote) -> tuple[Event, ...]:
    if quote.is_gone:
        raise QuoteErased
    if quote.stage is not Stage.UNKNOWN:
        return ()
    return (QuoteRequested(language=command.language, details=Personal(command.details)),)


def _offer(command: OfferQuote, quote: Quote) -> tuple[Event, ...]:
    if quote.stage in ORDERED:
        raise QuoteAlreadyAccepted
    if command.valid_until_on < command.today_on:
        raise OfferEndsInThePast
    if command.valid_until_on > add_months(command.today_on, OFFER_OPEN_MAX):
        raise OfferEndsTooLate
    number = quote.offer.number if quote.offer else 0
    if quote.stage is Stage.OFFERED and quote.offer == Offer(
        number, command.amount, command.valid_until_on
    ):
        return ()
    return (
        QuoteOffered(
            offer=number + 1, amount=command.amount, valid_until_on=command.valid_until_on
        ),
    )


def _accept(command: AcceptQuote, quote: Quote) -> tuple[Event, ...]:
    offer = open_offer(quote, command.offer, command.today_on)
    if command.abandoned != quote.abandoned:
        message = "the hold of this acceptance was taken back meanwhile: nothing was accepted"
        raise Conflict(message)
    return (
        QuoteAccepted(
            offer=offer.number,
            amount=offer.amount,
            language=quote.language,
            party=Personal(command.party),
        ),
    )


def _decline(command: DeclineQuote, quote: Quote) -> tuple[Event, ...]:
    offer = open_offer(quote, command.offer, command.today_on)
    return (QuoteDeclined(offer=offer.number),)


def open_offer(quote: Quote, number: int, today_on: date) -> Offer:
    """The offer that the customer may answer today.

    Raises: Refused, when the quote is gone, answered, not offered, or the offer past its date.
    """
    _refuse_what_is_gone(quote)
    if quote.stage in ORDERED:
        raise QuoteAlreadyAccepted
    if quote.offer is None:
        raise QuoteNotOffered
    if number != quote.offer.number:
        raise OfferSuperseded
    if quote.stage is Stage.DECLINED:
        raise QuoteAlreadyDeclined
    if quote.stage is Stage.EXPIRED or today_on > quote.offer.valid_until_on:
        raise OfferExpired
    return quote.offer


def _expire(command: ExpireQuote, quote: Quote) -> tuple[Event, ...]:
    is_open = quote.stage is Stage.OFFERED and not quote.is_gone
    if is_open and quote.offer and command.today_on > quote.offer.valid_until_on:
        return (QuoteExpired(offer=quote.offer.number),)
    return ()


def _abandon(command: AbandonAcceptance, quote: Quote) -> tuple[Event, ...]:
    if quote.stage in ORDERED or quote.abandoned == command.held_since:
        return ()
    return (AcceptanceAbandoned(held_since=command.held_since),)


def _start(quote: Quote) -> tuple[Event, ...]:
    if quote.stage not in ORDERED:
        raise QuoteNotAccepted
    if quote.stage is Stage.COMPLETED:
        raise ProjectAlreadyCompleted
    return (ProjectStarted(),) if quote.stage is Stage.ACCEPTED else ()


def _complete(command: CompleteProject, quote: Quote) -> tuple[Event, ...]:
    if quote.stage is Stage.COMPLETED:
        raise ProjectAlreadyCompleted
    if quote.stage is not Stage.STARTED:
        raise ProjectNotStarted if quote.stage in ORDERED else QuoteNotAccepted
    if command.delivered_on > command.today_on:
        raise DeliveryInTheFuture
    if command.delivered_on < command.ordered_on:
        raise DeliveryBeforeOrder
    return (ProjectCompleted(delivered_on=command.delivered_on),)


def _scrub(command: ScrubQuote, quote: Quote) -> tuple[Event, ...]:
    is_answered = command.erasure in quote.erasures and quote.erased.issuperset(command.categories)
    if is_answered and not command.again:
        return ()
    return (
        RecordScrubbed(
            owner=Owner.QUOTES,
            erasure=command.erasure,
            categories=command.categories,
            objects_deleted=0,
        ),
    )


QUOTE: Decider[Command, Quote] = Decider(initial=Quote(), evolve=evolve, decide=decide)
