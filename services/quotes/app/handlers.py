"""What each command does, with the keyring and the log at hand; one function per command."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.events.clock import Clock
from libs.events.errors import Conflict
from libs.events.handle import Desk
from libs.events.log import Answer
from libs.events.values import Category, RecordKind
from libs.events.vocabulary.quotes import QuoteAccepted
from libs.keyring.blind_index import BlindIndex
from libs.keyring.keyring import Keyring
from libs.keyring.keys import DataKey
from libs.keyring.openings import HoldRequest
from libs.policy.calendar import local_date
from libs.policy.policy import Policy
from services.quotes.app.opening import details_in
from services.quotes.app.ports import FindsEndedOffers
from services.quotes.domain.billing_party import PartyGiven, bill_to
from services.quotes.domain.quote import (
    QUOTE,
    AcceptQuote,
    CompleteProject,
    DeclineQuote,
    ExpireQuote,
    OfferQuote,
    RequestQuote,
    StartProject,
    open_offer,
)
from services.quotes.domain.refusals import QuoteErased

ACCEPTANCE_TRIES = 3
EXPIRIES_PER_RUN = 500
ORDER_HOLD = "order"
KeylessCommand = OfferQuote | DeclineQuote | StartProject | CompleteProject


@dataclass(frozen=True, kw_only=True)
class Means:
    """What handling a command takes from outside."""

    desk: Desk
    keyring: Keyring
    blind_index: BlindIndex
    policy: Policy
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """The customer's yes: to which offer, and whom to invoice where the request did not say."""

    offer: int
    party: PartyGiven


async def request_quote(
    means: Means, record: UUID, command: RequestQuote, answer: Answer | None = None
) -> None:
    """Keeps a request: its key first, then the fact, sealed.

    Why: a key without a fact is harmless; a fact without a key could not be read by anyone.
    """
    keys = await means.keyring.make_keys(
        record,
        kind=RecordKind.QUOTE,
        categories=[Category.QUOTE],
        subject=means.blind_index.of_email(command.details.email),
        at=means.clock.now(),
    )
    await means.desk.begin(record, command, QUOTE, secrets=_secrets(keys), answer=answer)


async def handle_keyless(
    means: Means, record: UUID, command: KeylessCommand, answer: Answer | None = None
) -> None:
    """Carries out what adds nothing personal: an offer, a no, the start and end of the work."""
    await means.desk.handle(record, command, QUOTE, answer=answer)


async def complete_project(
    means: Means, record: UUID, delivered_on: date, answer: Answer | None = None
) -> None:
    """Says that the work was delivered, on a day between the order and today."""
    today_on = local_date(means.clock.now())
    history = await means.desk.log.load(record)
    ordered = (one.recorded_at for one in history if isinstance(one.event, QuoteAccepted))
    ordered_on = next(map(local_date, ordered), today_on)
    command = CompleteProject(delivered_on=delivered_on, ordered_on=ordered_on, today_on=today_on)
    await handle_keyless(means, record, command, answer)


async def accept_quote(
    means: Means, record: UUID, acceptance: Acceptance, answer: Answer | None = None
) -> None:
    """Makes the billing key with its provisional hold, then records the acceptance under it.

    Shape:  when the hold is taken back between the two, both are done again.
    Raises: Refused, when the offer may not be accepted or the keyring says the record is erased;
            Conflict, when others were faster again and again.
    Why:    what can be refused is refused before a key is made; the keyring has the last word
            when an erasure runs at the same moment.
    Source: D7; clause 5.1.billing.
    """
    for _ in range(ACCEPTANCE_TRIES - 1):
        try:
            return await _accept_once(means, record, acceptance, answer)
        except Conflict:
            continue
    return await _accept_once(means, record, acceptance, answer)


async def _accept_once(
    means: Means, record: UUID, acceptance: Acceptance, answer: Answer | None
) -> None:
    now = means.clock.now()
    command = await _acceptance_of(means, record, acceptance, now)
    keys = await means.keyring.make_keys(
        record,
        kind=RecordKind.QUOTE,
        categories=[Category.BILLING],
        subject=None,
        at=now,
        hold=order_hold(means.policy),
    )
    await means.desk.handle(record, command, QUOTE, secrets=_secrets(keys), answer=answer)


def _secrets(keys: Mapping[str, DataKey]) -> dict[str, bytes]:
    return {category: key.secret for category, key in keys.items()}


async def _acceptance_of(
    means: Means, record: UUID, acceptance: Acceptance, now: datetime
) -> AcceptQuote:
    history = await means.desk.log.load(record)
    today_on = local_date(now)
    quote = QUOTE.fold(one.event for one in history)
    open_offer(quote, acceptance.offer, today_on)
    details = await details_in(means.keyring, history)
    if details is None:
        raise QuoteErased
    party = bill_to(details, acceptance.party)
    return AcceptQuote(
        offer=acceptance.offer, party=party, today_on=today_on, abandoned=quote.abandoned
    )


def order_hold(policy: Policy) -> HoldRequest:
    """The provisional hold of an order; billing replaces it with the date.

    Source: clause 5.1.billing.
    """
    return HoldRequest(
        category=Category.BILLING,
        reason=ORDER_HOLD,
        basis=f"{policy.hold.basis} ({policy.hold.article})",
    )


async def expire_offers(means: Means, offers: FindsEndedOffers) -> None:
    """Records the end of offers that nobody answered, a bounded number at a time."""
    today_on = local_date(means.clock.now())
    for record in await offers.find_ended_offers(today_on, EXPIRIES_PER_RUN):
        await means.desk.handle(record, ExpireQuote(today_on=today_on), QUOTE)
