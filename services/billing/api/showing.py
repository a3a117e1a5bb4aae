"""Orders and invoices as callers see them: the rows, and the person's part while it can be read."""

from decimal import Decimal
from hashlib import sha256
from typing import Any

from libs.events.vocabulary.quotes import BillingParty
from services.billing.api.schemas import (
    AddressOut,
    DocumentPlace,
    HoldOut,
    InvoiceOut,
    InvoiceSummary,
    MoneyOut,
    OrderOut,
    PartyOut,
    VatOut,
)
from services.billing.domain.invoice_number import InvoiceNumber, object_name
from services.billing.domain.vat import Treatment, VatDecision
from services.billing.projections.hold import HoldEntry
from services.billing.projections.invoice_register import InvoiceEntry
from services.billing.projections.order_register import OrderEntry


def show_order(order: OrderEntry, party: BillingParty | None, hold: HoldEntry | None) -> OrderOut:
    """One order."""
    return OrderOut(
        id=order.record,
        placed_on=order.placed_on,
        amount=MoneyOut.of(order.amount_cents, order.currency),
        language=order.language,
        invoice=order.number,
        erased=party is None,
        party=_party(party) if party else None,
        hold=_hold(hold) if hold else None,
    )


def show_summary(invoice: InvoiceEntry, party: BillingParty | None) -> InvoiceSummary:
    """One invoice in a list."""
    return InvoiceSummary(**_invoice(invoice, party))


def show_invoice(
    invoice: InvoiceEntry,
    party: BillingParty | None,
    hold: HoldEntry | None,
    document: DocumentPlace,
) -> InvoiceOut:
    """One invoice in full."""
    return InvoiceOut(
        **_invoice(invoice, party), hold=_hold(hold) if hold else None, document=document
    )


def show_place(bucket: str, number: InvoiceNumber, box: bytes | None) -> DocumentPlace:
    """Where the document of an invoice lies; `box` are the bytes found there."""
    return DocumentPlace(
        bucket=bucket,
        name=object_name(number),
        sha256=sha256(box).hexdigest() if box else None,
    )


def _invoice(invoice: InvoiceEntry, party: BillingParty | None) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "order": invoice.record,
        "issued_on": invoice.issued_on,
        "supplied_on": invoice.supplied_on,
        "net": MoneyOut.of(invoice.net_cents, invoice.currency),
        "vat": _vat(invoice),
        "gross": MoneyOut.of(invoice.gross_cents, invoice.currency),
        "line": invoice.line,
        "erased": party is None,
        "party": _party(party) if party else None,
    }


def _vat(invoice: InvoiceEntry) -> VatOut:
    rate = invoice.vat_rate_basis_points
    decision = VatDecision(Treatment(invoice.vat_treatment), rate)
    return VatOut(
        treatment=decision.treatment,
        rate_percent=f"{(Decimal(rate) / 100).normalize():f}",
        amount=MoneyOut.of(invoice.vat_cents, invoice.currency),
        note=decision.note,
    )


def _hold(hold: HoldEntry) -> HoldOut:
    return HoldOut(
        state=hold.state,
        reason=hold.reason,
        basis=hold.basis,
        until_on=hold.until_on,
        released_at=hold.released_at,
    )


def _party(party: BillingParty) -> PartyOut:
    address = party.address
    return PartyOut(
        name=party.name,
        email=party.email,
        company=party.company,
        vat_number=party.vat_number,
        address=AddressOut(
            street=address.street,
            postal_code=address.postal_code,
            city=address.city,
            country=address.country,
        ),
    )
