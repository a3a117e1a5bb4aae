"""What quotes says: a request for a price and what became of it."""

from datetime import date, datetime
from typing import ClassVar

from libs.events.event import Event
from libs.events.personal import Personal, PersonalPart
from libs.events.values import Address, Category, Money, Owner


class QuoteDetails(PersonalPart, frozen=True, kw_only=True):
    """Who asks and what for, as the person typed it."""

    category: ClassVar[str] = Category.QUOTE
    why: ClassVar[str] = "To answer the request and make an offer (contract, clause 2.quotes)."

    name: str
    email: str
    brief: str
    phone: str | None = None
    company: str | None = None
    vat_number: str | None = None
    billing_address: Address | None = None
    deadline_on: date | None = None
    budget: Money | None = None


class BillingParty(PersonalPart, frozen=True, kw_only=True):
    """Who is to be invoiced: only what a full invoice must show, and where to send it."""

    category: ClassVar[str] = Category.BILLING
    why: ClassVar[str] = "An invoice must name its buyer and be kept (legal obligation, 5.1)."

    name: str
    email: str
    address: Address
    company: str | None = None
    vat_number: str | None = None


class QuoteRequested(Event, frozen=True, kw_only=True):
    """Somebody asked for a price."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.QUOTES,)

    language: str
    details: Personal[QuoteDetails]


class QuoteOffered(Event, frozen=True, kw_only=True):
    """A price was offered, net of VAT, until a date."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.QUOTES,)

    offer: int
    amount: Money
    valid_until_on: date


class QuoteAccepted(Event, frozen=True, kw_only=True):
    """The customer accepted the offer; from now on the law keeps the billing party."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.QUOTES,)

    offer: int
    amount: Money
    language: str
    party: Personal[BillingParty]


class AcceptanceAbandoned(Event, frozen=True, kw_only=True):
    """An acceptance was begun and never recorded; the hold it left behind is taken back."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.QUOTES,)

    held_since: datetime


class QuoteDeclined(Event, frozen=True, kw_only=True):
    """The customer said no to the offer."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.QUOTES,)

    offer: int


class QuoteExpired(Event, frozen=True, kw_only=True):
    """The offer was not answered before its date."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.QUOTES,)

    offer: int


class ProjectStarted(Event, frozen=True, kw_only=True):
    """Work on the accepted quote began."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.QUOTES,)


class ProjectCompleted(Event, frozen=True, kw_only=True):
    """The work was delivered; it can be invoiced."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.QUOTES,)

    delivered_on: date
