"""What billing says: orders, invoices, and the law's hold on them."""

from datetime import date
from typing import ClassVar

from libs.events.event import Event
from libs.events.personal import Personal
from libs.events.values import Category, Money, Owner
from libs.events.vocabulary.quotes import BillingParty


class OrderPlaced(Event, frozen=True, kw_only=True):
    """An accepted quote became an order."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.BILLING,)

    placed_on: date
    amount: Money
    language: str
    party: Personal[BillingParty]


class InvoiceIssued(Event, frozen=True, kw_only=True):
    """An invoice was issued under the next number of its series; it is never changed.

    Units: `vat_rate_basis_points` are hundredths of a per cent: 2100 is 21 %.
    """

    owners: ClassVar[tuple[Owner, ...]] = (Owner.BILLING,)

    number: str
    issued_on: date
    supplied_on: date
    net: Money
    vat: Money
    gross: Money
    vat_rate_basis_points: int
    vat_treatment: str
    line: str
    party: Personal[BillingParty]


class InvoiceHoldPlaced(Event, frozen=True, kw_only=True):
    """The law keeps the billing party of this record until a date."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.BILLING,)

    category: Category
    reason: str
    basis: str
    until_on: date


class InvoiceHoldReleased(Event, frozen=True, kw_only=True):
    """The law no longer keeps the billing party of this record."""

    owners: ClassVar[tuple[Owner, ...]] = (Owner.BILLING,)

    category: Category
    reason: str
