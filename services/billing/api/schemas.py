"""What callers see."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel


class MoneyOut(BaseModel):
    """An amount as decimal text and its currency."""

    amount: str
    currency: str

    @classmethod
    def of(cls, cents: int, currency: str) -> Self:
        """The amount with two decimals."""
        whole, rest = divmod(cents, 100)
        return cls(amount=f"{whole}.{rest:02d}", currency=currency)


class AddressOut(BaseModel):
    """Where post arrives."""

    street: str
    postal_code: str
    city: str
    country: str


class PartyOut(BaseModel):
    """Who is invoiced, opened."""

    name: str
    email: str
    company: str | None
    vat_number: str | None
    address: AddressOut


class HoldOut(BaseModel):
    """What the law keeps, why, and the last day of it."""

    state: str
    reason: str
    basis: str
    until_on: date
    released_at: datetime | None


class OrderOut(BaseModel):
    """One order; `party` is null once erased."""

    id: UUID
    placed_on: date
    amount: MoneyOut
    language: str
    invoice: str | None
    erased: bool
    party: PartyOut | None
    hold: HoldOut | None


class OrderPage(BaseModel):
    """A page of orders, newest first, and the cursor of the next one."""

    items: list[OrderOut]
    next: str | None


class VatOut(BaseModel):
    """How VAT law treats the invoice.

    Units: `rate_percent` is decimal text, as in `21`.
    """

    treatment: str
    rate_percent: str
    amount: MoneyOut
    note: str | None


class InvoiceSummary(BaseModel):
    """One invoice in a list; `party` is null once erased."""

    number: str
    order: UUID
    issued_on: date
    supplied_on: date
    net: MoneyOut
    vat: VatOut
    gross: MoneyOut
    line: str
    erased: bool
    party: PartyOut | None


class DocumentPlace(BaseModel):
    """Where the sealed document lies, and the digest of its bytes there; null when it does not."""

    bucket: str
    name: str
    sha256: str | None


class InvoiceOut(InvoiceSummary):
    """One invoice with its hold and the place of its sealed document."""

    hold: HoldOut | None
    document: DocumentPlace


class InvoicePage(BaseModel):
    """A page of invoices, newest number first, and the cursor of the next one."""

    items: list[InvoiceSummary]
    next: str | None
