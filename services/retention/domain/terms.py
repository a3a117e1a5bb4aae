"""How long each category of a record is kept, clause by clause; the lengths come from the policy.

Every answer is the first instant at which the category may go: nothing is due earlier.
"""

from dataclasses import dataclass
from datetime import date, datetime

from libs.events.values import Category, RecordKind
from libs.policy.calendar import (
    BookYearEnd,
    Months,
    Years,
    add_months,
    end_of_day_at,
    hold_until,
    local_date,
)

QUOTE_CLAUSE = "5.1.quote"
ORDERED_CLAUSE = "5.1.files"
BILLING_CLAUSE = "5.1.billing"
CHOICES_CLAUSE = "1.2.categories"
REQUEST_CLAUSE = "6.requests"


@dataclass(frozen=True, kw_only=True)
class Term:
    """One running term: of which category, by which clause, for which reason, until when."""

    kind: RecordKind
    category: Category
    clause: str
    reason: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The lengths this service goes by, as the policy names them."""

    quote_without_order: Months
    ordered_quote: Months
    billing: Years
    book_year_end: BookYearEnd
    rights_request_answer: Months
    rights_request_extension: Months
    consent_validity: Months


def quote_term(terms: Terms, contact_at: datetime, reason: str) -> Term:
    """A quote without an order goes a number of months after the last contact.

    Source: clause 5.1.quote.
    """
    due_at = add_months(contact_at, terms.quote_without_order)
    return _quote(QUOTE_CLAUSE, reason, due_at)


def running_project_term(terms: Terms, accepted_at: datetime) -> Term:
    """The content of an ordered quote stays while the project runs, at the longest as its order.

    Source: clause 5.1.files.
    Why:    a project nobody marks as completed must not keep its content for ever.
    """
    last_on = hold_until(accepted_at, terms.billing, terms.book_year_end)
    return _quote(
        ORDERED_CLAUSE, "the offer was accepted: the project runs", end_of_day_at(last_on)
    )


def completed_project_term(terms: Terms, delivered_on: date, said_at: datetime) -> Term:
    """The content of an ordered quote goes a number of months after the project's completion.

    Source: clause 5.1.files.
    Why:    counted from the day it was said when that is later: a mistyped year must not erase.
    """
    completed_on = max(delivered_on, local_date(said_at))
    last_on = add_months(completed_on, terms.ordered_quote)
    return _quote(ORDERED_CLAUSE, "the project was completed", end_of_day_at(last_on))


def hold_term(category: Category, until_on: date, basis: str) -> Term:
    """What the law keeps may go when the hold's last day has passed.

    Source: clause 5.1.billing.
    """
    return Term(
        kind=RecordKind.QUOTE,
        category=category,
        clause=BILLING_CLAUSE,
        reason=basis,
        due_at=end_of_day_at(until_on),
    )


def released_term(category: Category, released_at: datetime) -> Term:
    """What the law no longer keeps is due at once; the next sweep takes it in hand.

    Source: clause 5.1.holds.
    Why:    it goes through the sweep, so that a clock that jumped cannot let go in bulk unseen.
    """
    return Term(
        kind=RecordKind.QUOTE,
        category=category,
        clause=BILLING_CLAUSE,
        reason=RELEASED,
        due_at=released_at,
    )


def choices_term(terms: Terms, chosen_at: datetime) -> Term:
    """A visitor's choices go when they have to be asked again anyway.

    Source: clause 1.2.categories; EDPB 05/2020: refreshed at suitable intervals.
    """
    return Term(
        kind=RecordKind.CHOICES,
        category=Category.CONSENT,
        clause=CHOICES_CLAUSE,
        reason="the visitor chose",
        due_at=add_months(chosen_at, terms.consent_validity),
    )


def unconfirmed_request_term(terms: Terms, received_at: datetime) -> Term:
    """A rights request that nobody confirms forgets who asked when it would have become late.

    Source: clause 6.requests.
    """
    due_at = add_months(received_at, terms.rights_request_answer)
    return _request("the request was received and waits to be confirmed", due_at)


def confirmed_request_term(terms: Terms, received_at: datetime) -> Term:
    """A confirmed request keeps its address until it is answered, at the longest as extended.

    Source: clause 6.requests; GDPR art. 12(3).
    """
    length = terms.rights_request_answer + terms.rights_request_extension
    return _request(CONFIRMED, add_months(received_at, length))


RELEASED = "the hold was released"
"""The reason of a clock whose category the law no longer keeps."""

CONFIRMED = "the request was confirmed and is carried out"
"""The reason of a clock whose request still has to be answered."""


def _quote(clause: str, reason: str, due_at: datetime) -> Term:
    return Term(
        kind=RecordKind.QUOTE, category=Category.QUOTE, clause=clause, reason=reason, due_at=due_at
    )


def _request(reason: str, due_at: datetime) -> Term:
    return Term(
        kind=RecordKind.RIGHTS_REQUEST,
        category=Category.RIGHTS_REQUEST,
        clause=REQUEST_CLAUSE,
        reason=reason,
        due_at=due_at,
    )


def is_hold(category: Category, reason: str) -> bool:
    """Whether a clock stands for a hold: billing is kept on one until its release."""
    return category is Category.BILLING and reason != RELEASED
