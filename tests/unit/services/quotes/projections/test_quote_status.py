"""The view quote_status: built from nothing, repeated, erased."""

from collections.abc import Iterable

import pytest

from libs.events.recorded import Recorded
from libs.events.seal import open_box
from libs.events.values import Category
from libs.events.vocabulary.quotes import QuoteDetails
from services.quotes.projections.quote_status import QuoteStatus, fold
from tests.unit.services.quotes.examples import (
    ACCEPTED,
    COMPLETED,
    DETAILS,
    EXPIRED,
    OFFERED,
    OFFERED_AGAIN,
    RECORD,
    REQUESTED,
    SECRETS,
    STARTED,
    TODAY_ON,
    Story,
    scrubbed,
)

KEY = (RECORD,)


def fold_all(story: Iterable[Recorded], start: QuoteStatus | None = None) -> QuoteStatus | None:
    """The row after these facts."""
    row = start
    for recorded in story:
        row = fold(row, recorded, KEY)
    return row


def built(story: Iterable[Recorded]) -> QuoteStatus:
    """The row after these facts, which must be there."""
    row = fold_all(story)
    assert row is not None
    return row


def test_row_is_built_from_nothing() -> None:
    """A request becomes a row that holds its sealed box and nothing readable."""
    (request,) = Story().tell(REQUESTED)
    row = built([request])
    box = row.details or b""
    assert (row.stage, open_box(box, QuoteDetails, RECORD, SECRETS["quote"])) == (
        "requested",
        DETAILS,
    )


def test_row_follows_an_order_to_its_end() -> None:
    """The row names the stage, the offer and the days of an order."""
    row = built(Story().tell(REQUESTED, OFFERED, ACCEPTED, STARTED, COMPLETED))
    assert (row.stage, row.offer, row.amount_cents, row.delivered_on) == (
        "completed",
        1,
        123450,
        TODAY_ON,
    )


def test_new_offer_opens_the_row_again() -> None:
    """A later offer replaces the one that ended."""
    row = built(Story().tell(REQUESTED, OFFERED, EXPIRED, OFFERED_AGAIN))
    assert (row.stage, row.offer, row.answered_at) == ("offered", 2, None)


def test_last_contact_moves_with_each_fact_that_restarts_the_term() -> None:
    """The term of a quote without an order counts from its last contact."""
    story = Story().tell(REQUESTED, OFFERED, EXPIRED)
    assert built(story).last_contact_at == story[-1].recorded_at


def test_repeated_facts_change_nothing() -> None:
    """A fact that the row has seen already is passed over."""
    story = Story().tell(REQUESTED, OFFERED, ACCEPTED, scrubbed(Category.QUOTE))
    assert fold_all(story, start=built(story)) == built(story)


@pytest.mark.policy("6.erasure")
def test_erased_row_is_blank() -> None:
    """After a scrub of the quote category no box is left in the row."""
    row = built(Story().tell(REQUESTED, OFFERED, scrubbed(Category.QUOTE)))
    assert (row.details, row.quote_erased_at is None, row.billing_erased_at) == (None, False, None)


@pytest.mark.policy("5.1.holds")
def test_billing_erased_later_leaves_the_first_erasure() -> None:
    """The two categories of an order are erased each at its own moment."""
    story = Story().tell(
        REQUESTED, OFFERED, ACCEPTED, scrubbed(Category.QUOTE), scrubbed(Category.BILLING)
    )
    row = built(story)
    assert (row.quote_erased_at, row.billing_erased_at) == (
        story[3].recorded_at,
        story[4].recorded_at,
    )


def test_record_that_was_never_a_quote_has_no_row() -> None:
    """An erasure of a record of others makes no row here."""
    assert fold_all(Story().tell(scrubbed(Category.CONSENT))) is None
