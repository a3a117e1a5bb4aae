"""Quotes as callers see them: the row of the view, and the person's part while it can be read."""

from dataclasses import asdict

from libs.events.values import Address, Money
from libs.events.vocabulary.quotes import QuoteDetails
from services.quotes.api.schemas import (
    AddressOut,
    DetailsOut,
    KeptOut,
    MoneyOut,
    OfferOut,
    ProjectOut,
    QuoteOut,
    QuoteSummary,
)
from services.quotes.app.keeping import Kept
from services.quotes.projections.quote_status import QuoteStatus


def show_quote(
    quote: QuoteStatus, details: QuoteDetails | None, kept: tuple[Kept, ...]
) -> QuoteOut:
    """One quote in full."""
    return QuoteOut(
        id=quote.record,
        status=quote.stage,
        language=quote.language,
        requested_at=quote.requested_at,
        offer=_offer(quote),
        project=_project(quote),
        erased=details is None,
        details=_details(details) if details else None,
        kept=[KeptOut(**asdict(one)) for one in kept],
    )


def show_summary(quote: QuoteStatus, details: QuoteDetails | None) -> QuoteSummary:
    """One quote in a list: whose it is, not what they wrote."""
    return QuoteSummary(
        id=quote.record,
        status=quote.stage,
        language=quote.language,
        requested_at=quote.requested_at,
        offer=_offer(quote),
        erased=details is None,
        name=details.name if details else None,
        company=details.company if details else None,
    )


def _offer(quote: QuoteStatus) -> OfferOut | None:
    if quote.offer is None or quote.valid_until_on is None or quote.offered_at is None:
        return None
    money = Money(cents=quote.amount_cents or 0, currency=quote.currency or "EUR")
    return OfferOut(
        number=quote.offer,
        amount=MoneyOut.of(money),
        valid_until_on=quote.valid_until_on,
        offered_at=quote.offered_at,
        answered_at=quote.answered_at,
    )


def _project(quote: QuoteStatus) -> ProjectOut | None:
    if quote.started_at is None:
        return None
    return ProjectOut(
        started_at=quote.started_at,
        completed_at=quote.completed_at,
        delivered_on=quote.delivered_on,
    )


def _details(details: QuoteDetails) -> DetailsOut:
    return DetailsOut(
        name=details.name,
        email=details.email,
        brief=details.brief,
        phone=details.phone,
        company=details.company,
        vat_number=details.vat_number,
        billing_address=_address(details.billing_address) if details.billing_address else None,
        deadline_on=details.deadline_on,
        budget=MoneyOut.of(details.budget) if details.budget else None,
    )


def _address(address: Address) -> AddressOut:
    return AddressOut(
        street=address.street,
        postal_code=address.postal_code,
        city=address.city,
        country=address.country,
    )
