"""The invoice as a document: everything the law wants printed, rendered once when it is issued."""

from datetime import date
from typing import ClassVar

import msgspec

from libs.events.personal import PersonalPart
from libs.events.values import Address, Category, Money
from libs.events.vocabulary.billing import InvoiceIssued
from libs.events.vocabulary.quotes import BillingParty
from services.billing.domain.vat import Treatment, VatDecision


class Seller(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who issues the invoice."""

    name: str
    trading_as: str
    address: Address
    vat_number: str
    chamber_of_commerce_number: str


class Buyer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is invoiced: only what must be printed."""

    name: str
    address: Address
    company: str | None
    vat_number: str | None


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was supplied, in neutral words, and its price without VAT."""

    text: str
    quantity: int
    unit_price: Money
    net: Money
    vat_rate_basis_points: int


class VatLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The VAT of one rate on the total of its lines."""

    treatment: str
    rate_basis_points: int
    net: Money
    vat: Money


class InvoiceDocument(PersonalPart, frozen=True, kw_only=True):
    """One full invoice, to be kept as it was issued and never rendered again.

    Source: VAT Directive art. 226; clause 2.compliance.
    """

    category: ClassVar[str] = Category.BILLING
    why: ClassVar[str] = "The issued invoice must be kept, readable and whole (AWR art. 52)."

    number: str
    issued_on: date
    supplied_on: date
    seller: Seller
    buyer: Buyer
    lines: tuple[Line, ...]
    vat: tuple[VatLine, ...]
    net: Money
    vat_total: Money
    gross: Money
    notes: tuple[str, ...]


def invoice_document(
    issued: InvoiceIssued, *, party: BillingParty, seller: Seller
) -> InvoiceDocument:
    """The document of an issued invoice."""
    rate = issued.vat_rate_basis_points
    note = VatDecision(Treatment(issued.vat_treatment), rate).note
    line = Line(
        text=issued.line,
        quantity=1,
        unit_price=issued.net,
        net=issued.net,
        vat_rate_basis_points=rate,
    )
    vat = VatLine(
        treatment=issued.vat_treatment, rate_basis_points=rate, net=issued.net, vat=issued.vat
    )
    return InvoiceDocument(
        number=issued.number,
        issued_on=issued.issued_on,
        supplied_on=issued.supplied_on,
        seller=seller,
        buyer=_buyer(party),
        lines=(line,),
        vat=(vat,),
        net=issued.net,
        vat_total=issued.vat,
        gross=issued.gross,
        notes=(note,) if note else (),
    )


def _buyer(party: BillingParty) -> Buyer:
    return Buyer(
        name=party.name,
        address=party.address,
        company=party.company,
        vat_number=party.vat_number,
    )
