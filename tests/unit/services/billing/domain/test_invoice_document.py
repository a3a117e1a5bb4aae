"""The document of an invoice: what the law wants printed, and no more."""

import msgspec
import pytest

from libs.events.values import Money
from services.billing.domain.invoice_document import InvoiceDocument, invoice_document
from tests.unit.services.billing.examples import AMOUNT, ISSUED, PARTY, SELLER

DOCUMENT = invoice_document(ISSUED, party=PARTY, seller=SELLER)


def test_document_adds_up() -> None:
    """Lines, VAT and totals name the same amounts."""
    assert (DOCUMENT.lines[0].net, DOCUMENT.vat[0].vat, DOCUMENT.gross) == (
        AMOUNT,
        Money(cents=25925),
        Money(cents=149375),
    )


def test_document_names_both_parties() -> None:
    """Seller and buyer stand there with their addresses."""
    assert (DOCUMENT.seller, DOCUMENT.buyer.name, DOCUMENT.buyer.address) == (
        SELLER,
        PARTY.name,
        PARTY.address,
    )


@pytest.mark.policy("5.1.billing")
def test_document_holds_no_more_than_the_law_needs() -> None:
    """The buyer's e-mail address is not on what is kept for years."""
    assert b"canary.example" not in msgspec.json.encode(DOCUMENT)


def test_reverse_charge_is_noted() -> None:
    """An invoice under reverse charge says so."""
    issued = msgspec.structs.replace(
        ISSUED, vat_treatment="reverse_charge", vat_rate_basis_points=0
    )
    document = invoice_document(issued, party=PARTY, seller=SELLER)
    assert document.notes == ("VAT reverse-charged / btw verlegd",)


def test_document_reads_as_written() -> None:
    """What is stored is the whole document."""
    assert msgspec.json.decode(msgspec.json.encode(DOCUMENT), type=InvoiceDocument) == DOCUMENT
