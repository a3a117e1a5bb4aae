"""What is kept of a quote and until when, as told to the person it is about."""

from dataclasses import dataclass
from datetime import date, datetime

from libs.events.values import Category
from libs.policy.calendar import add_months, hold_until, local_date
from libs.policy.policy import Policy
from services.quotes.projections.quote_status import QuoteStatus


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One category of a quote: kept until a day, or erased at a moment.

    Shape: `until_on` is the last day, none once erased; work that runs is kept as its order is.
    """

    category: str
    clause: str
    why: str
    until_on: date | None = None
    erased_at: datetime | None = None


def kept_of(quote: QuoteStatus, policy: Policy) -> tuple[Kept, ...]:
    """Every category of the quote, as far as this service knows; retention has the last word.

    Source: clauses 5.1.quote, 5.1.files, 5.1.billing; GDPR art. 13(2)(a).
    """
    content = _content(quote, policy)
    return (content,) if quote.accepted_at is None else (content, _billing(quote, policy))


def _content(quote: QuoteStatus, policy: Policy) -> Kept:
    terms, category = policy.terms, Category.QUOTE
    if quote.quote_erased_at:
        return Kept(
            category=category,
            clause="6.erasure",
            why="The request was erased; nobody can read it any more.",
            erased_at=quote.quote_erased_at,
        )
    if quote.accepted_at is None:
        return Kept(
            category=category,
            clause="5.1.quote",
            why="To answer your request; the term counts from our last contact.",
            until_on=add_months(local_date(quote.last_contact_at), terms.quote_without_order),
        )
    return Kept(
        category=category,
        clause="5.1.files",
        why="To carry out your order; the term counts from its completion.",
        until_on=_ordered_until(quote, policy),
    )


def _ordered_until(quote: QuoteStatus, policy: Policy) -> date:
    if quote.completed_at:
        return add_months(local_date(quote.completed_at), policy.terms.ordered_quote)
    return _books_until(quote, policy)


def _books_until(quote: QuoteStatus, policy: Policy) -> date:
    anchor = quote.completed_at or quote.accepted_at or quote.requested_at
    return hold_until(anchor, policy.terms.billing, policy.book_year_end)


def _billing(quote: QuoteStatus, policy: Policy) -> Kept:
    if quote.billing_erased_at:
        return Kept(
            category=Category.BILLING,
            clause="6.erasure",
            why="The billing data was erased; nobody can read it any more.",
            erased_at=quote.billing_erased_at,
        )
    return Kept(
        category=Category.BILLING,
        clause="5.1.billing",
        why=f"{policy.hold.basis} ({policy.hold.article})",
        until_on=_books_until(quote, policy),
    )
