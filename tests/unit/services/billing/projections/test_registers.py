"""The registers of orders, invoices and holds: built from nothing, repeated, erased."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.seal import open_box
from libs.events.values import Category
from libs.events.view import Key
from libs.events.vocabulary.quotes import BillingParty
from services.billing.projections import hold, invoice_register, order_register
from tests.unit.services.billing.examples import (
    HELD,
    ISSUED,
    PARTY,
    PLACED,
    RECORD,
    RELEASED,
    SECRETS,
    UNTIL_ON,
    Story,
    scrub_started,
    scrubbed,
)

Row = TypeVar("Row")
Fold = Callable[[Row | None, Recorded, Key], Row | None]
WHOLE_LIFE: tuple[Event, ...] = (
    PLACED,
    HELD,
    ISSUED,
    HELD,
    scrubbed(Category.QUOTE),
    RELEASED,
    scrub_started(Category.BILLING),
    scrubbed(Category.BILLING, objects_deleted=1),
)


def built(fold: Fold[Row], hears: Iterable[type[Event]], *events: Event) -> Row:
    """The row after these facts, which must be there."""
    row = folded(fold, hears, Story().tell(*events))
    assert row is not None
    return row


def folded(
    fold: Fold[Row], hears: Iterable[type[Event]], story: Iterable[Recorded], row: Row | None = None
) -> Row | None:
    """The row after the facts that the view hears."""
    for recorded in story:
        if type(recorded.event) in hears:
            row = fold(row, recorded, (RECORD,))
    return row


def test_order_keeps_its_party_sealed() -> None:
    """The register of orders holds the box and nothing readable."""
    row = built(order_register.fold, order_register.HEARS, PLACED)
    assert open_box(row.party or b"", BillingParty, RECORD, SECRETS["billing"]) == PARTY


def test_order_names_its_invoice() -> None:
    """An order leads to its invoice."""
    row = built(order_register.fold, order_register.HEARS, PLACED, HELD, ISSUED)
    assert row.number == "2026-000001"


def test_invoice_is_found_by_year_and_place() -> None:
    """The number is split so that a list is in order of counting."""
    row = built(invoice_register.fold, invoice_register.HEARS, PLACED, ISSUED)
    assert (row.year, row.sequence, row.gross_cents) == (2026, 1, 149375)


@pytest.mark.policy("6.erasure")
def test_erased_party_is_blank_in_both_registers() -> None:
    """After a scrub of the billing category no box is left."""
    order = built(order_register.fold, order_register.HEARS, *WHOLE_LIFE)
    invoice = built(invoice_register.fold, invoice_register.HEARS, *WHOLE_LIFE)
    assert (order.party, invoice.party) == (None, None)


@pytest.mark.policy("5.1.billing")
def test_erasure_of_the_quote_leaves_the_invoice() -> None:
    """What the law keeps stays readable when the rest goes."""
    facts = (PLACED, HELD, ISSUED, HELD, scrubbed(Category.QUOTE))
    row = built(invoice_register.fold, invoice_register.HEARS, *facts)
    assert (row.party is None, row.erased_at) == (False, None)


def test_invoice_keeps_its_box_until_its_document_is_gone() -> None:
    """A scrub that has only begun is marked and not yet called done."""
    facts = (PLACED, ISSUED, scrub_started(Category.BILLING))
    row = built(invoice_register.fold, invoice_register.HEARS, *facts)
    assert (row.scrub_started_at is None, row.erased_at) == (False, None)


def test_hold_follows_its_last_placement() -> None:
    """A hold names its newest date and is held."""
    row = built(hold.fold, hold.HEARS, PLACED, HELD, ISSUED, HELD)
    assert (row.version, row.state, row.until_on) == (4, "held", UNTIL_ON)


def test_released_hold_says_since_when() -> None:
    """A hold that ended stays in the register with the moment of its end."""
    story = Story().tell(PLACED, HELD, RELEASED)
    row = folded(hold.fold, hold.HEARS, story)
    assert row is not None
    assert (row.state, row.released_at) == ("released", story[-1].recorded_at)


@pytest.mark.parametrize("view", [order_register, invoice_register, hold])
def test_repeated_facts_change_nothing(view: object) -> None:
    """A fact that a row has seen already is passed over."""
    story = Story().tell(*WHOLE_LIFE)
    fold, hears = view.fold, view.HEARS  # type: ignore[attr-defined]
    once = folded(fold, hears, story)
    assert folded(fold, hears, story, once) == once


@pytest.mark.parametrize("view", [order_register, invoice_register, hold])
def test_record_that_was_never_ordered_has_no_row(view: object) -> None:
    """An erasure of a record of others makes no row here."""
    story = Story().tell(scrubbed(Category.CONSENT))
    assert folded(view.fold, view.HEARS, story) is None  # type: ignore[attr-defined]
