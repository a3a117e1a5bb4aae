"""What callers send and see."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, field_validator

from libs.doors.fields import (
    AddressIn,
    Company,
    DateIn,
    Email,
    Language,
    LongText,
    MoneyIn,
    PersonName,
    Phone,
    Strict,
    VatNumber,
)
from libs.events.values import Money
from libs.events.vocabulary.quotes import QuoteDetails
from services.quotes.domain.billing_party import PartyGiven

BRIEF_CHARACTERS_MAX = 50_000


class QuoteIn(Strict):
    """A request for a price, as a person types it."""

    name: PersonName
    email: Email
    brief: Annotated[str, LongText(BRIEF_CHARACTERS_MAX)]
    language: Language = "en"
    phone: Phone | None = None
    company: Company | None = None
    vat_number: VatNumber | None = None
    billing_address: AddressIn | None = None
    deadline_on: DateIn | None = None
    budget: MoneyIn | None = None

    def details(self) -> QuoteDetails:
        """The personal part of the request."""
        return QuoteDetails(
            name=self.name,
            email=self.email,
            brief=self.brief,
            phone=self.phone,
            company=self.company,
            vat_number=self.vat_number,
            billing_address=self.billing_address.address if self.billing_address else None,
            deadline_on=self.deadline_on,
            budget=self.budget.money if self.budget else None,
        )


class OfferIn(Strict):
    """A price, net of VAT, and the last day on which it can be accepted."""

    amount: MoneyIn
    valid_until_on: DateIn

    @field_validator("amount")
    @classmethod
    def _is_something(cls, amount: MoneyIn) -> MoneyIn:
        if amount.cents == 0:
            message = "must be more than nothing"
            raise ValueError(message)
        return amount


class PartyIn(Strict):
    """Whom to invoice, where it differs from the request."""

    name: PersonName | None = None
    email: Email | None = None
    company: Company | None = None
    address: AddressIn | None = None
    vat_number: VatNumber | None = None

    def given(self) -> PartyGiven:
        """The party as the domain takes it."""
        return PartyGiven(
            name=self.name,
            email=self.email,
            company=self.company,
            address=self.address.address if self.address else None,
            vat_number=self.vat_number,
        )


class AcceptanceIn(Strict):
    """The customer's yes; the party is needed when the request named no billing address."""

    party: PartyIn = PartyIn()


class CompletionIn(Strict):
    """The day on which the work was delivered."""

    delivered_on: DateIn


class MoneyOut(BaseModel):
    """An amount as decimal text and its currency."""

    amount: str
    currency: str

    @classmethod
    def of(cls, money: Money) -> Self:
        """The amount with two decimals."""
        euros, cents = divmod(money.cents, 100)
        return cls(amount=f"{euros}.{cents:02d}", currency=money.currency)


class AddressOut(BaseModel):
    """Where post arrives."""

    street: str
    postal_code: str
    city: str
    country: str


class DetailsOut(BaseModel):
    """Who asked and what for, opened."""

    name: str
    email: str
    brief: str
    phone: str | None
    company: str | None
    vat_number: str | None
    billing_address: AddressOut | None
    deadline_on: date | None
    budget: MoneyOut | None


class OfferOut(BaseModel):
    """The offer that stands or stood last, and when it was answered."""

    number: int
    amount: MoneyOut
    valid_until_on: date
    offered_at: datetime
    answered_at: datetime | None


class ProjectOut(BaseModel):
    """How far the work has come."""

    started_at: datetime
    completed_at: datetime | None
    delivered_on: date | None


class KeptOut(BaseModel):
    """One category that is kept until a day (its last), or was erased at a moment."""

    category: str
    clause: str
    why: str
    until_on: date | None
    erased_at: datetime | None


class QuoteSummary(BaseModel):
    """One quote in a list; `name` and `company` are null once erased."""

    id: UUID
    status: str
    language: str
    requested_at: datetime
    offer: OfferOut | None
    erased: bool
    name: str | None
    company: str | None


class QuoteOut(BaseModel):
    """One quote; `details` is null once erased."""

    id: UUID
    status: str
    language: str
    requested_at: datetime
    offer: OfferOut | None
    project: ProjectOut | None
    erased: bool
    details: DetailsOut | None
    kept: list[KeptOut]


class QuotePage(BaseModel):
    """A page of quotes, newest first, and the cursor of the next one."""

    items: list[QuoteSummary]
    next: str | None


class QuoteReceived(BaseModel):
    """The id of a new request, and where its requester sees it without an account."""

    id: UUID
    status_url: str


class QuoteMoved(BaseModel):
    """The quote and the stage it has come to."""

    id: UUID
    status: str
