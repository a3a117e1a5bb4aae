"""The folds of retention's views."""

from datetime import timedelta
from functools import reduce
from itertools import permutations

import msgspec

from libs.events.recorded import Recorded
from libs.events.values import Category, Owner
from libs.events.view import Key
from services.retention.projections import clock, erasure_progress
from services.retention.projections.clock import TRY_AGAIN_AFTER
from services.retention.projections.erasure_progress import ErasureProgress
from tests.unit.services.retention.facts import (
    BASIS,
    DUE_AT,
    ERASURE,
    NOW,
    OTHER,
    RECORD,
    UNTIL_ON,
    all_answered,
    begun,
    billing_clock,
    billing_held,
    billing_held_open,
    billing_released,
    billing_told,
    clocks,
    completed,
    erased,
    quote_clock,
    quote_due,
    recorded,
)

QUOTE_KEY: Key = (RECORD, "quote")
BILLING_KEY: Key = (RECORD, "billing")


def test_clock_row_is_open_with_its_clause_reason_and_date() -> None:
    """What will go says when and why."""
    row = clocks(quote_clock)[QUOTE_KEY]
    assert (row.state, row.clause, row.due_at) == ("open", "5.1.quote", DUE_AT)


def test_billing_clock_is_held_from_its_first_day() -> None:
    """What the law keeps shows its basis and its last day."""
    row = clocks(billing_clock)[BILLING_KEY]
    assert (row.state, row.basis, row.until_on) == ("held", BASIS, UNTIL_ON)


def test_released_hold_is_open_to_the_sweep() -> None:
    """What the law no longer keeps is found by the next sweep."""
    assert clocks(billing_clock, billing_released)[BILLING_KEY].state == "open"


def test_released_hold_stays_open_when_an_erasure_had_met_it() -> None:
    """The sweep still finds it, although an erasure that asked before the release says held."""
    row = clocks(billing_clock, billing_told, billing_released, billing_held)[BILLING_KEY]
    assert (row.state, row.sweep_at) == ("open", NOW)


def test_last_day_that_moved_on_does_not_move_back() -> None:
    """An erasure that asked before an invoice moved the hold tells an earlier day after it."""
    later = msgspec.structs.replace(
        billing_clock, due_at=billing_clock.due_at + timedelta(days=365)
    )
    row = clocks(billing_clock, later, billing_held)[BILLING_KEY]
    assert (row.due_at, row.sweep_at) == (later.due_at, later.due_at)


def test_held_row_is_looked_at_once_at_its_end() -> None:
    """The sweep finds a hold when its last day is past, and not again once that was said."""
    held = clocks(billing_clock)[BILLING_KEY]
    told = clocks(billing_clock, billing_told)[BILLING_KEY]
    assert (held.sweep_at, told.state, told.sweep_at) == (billing_clock.due_at, "held", None)


def test_hold_without_a_last_day_is_looked_at_a_day_later() -> None:
    """What was held provisionally is tried again, once a day."""
    row = clocks(billing_held_open)[BILLING_KEY]
    assert (row.state, row.until_on, row.sweep_at) == ("held", None, NOW + TRY_AGAIN_AFTER)


def test_hold_keeps_its_known_end_when_an_erasure_meets_it() -> None:
    """A keyring that has not heard of the last day yet does not make it unknown."""
    row = clocks(billing_clock, billing_held_open)[BILLING_KEY]
    assert (row.until_on, row.sweep_at) == (UNTIL_ON, billing_clock.due_at)


def test_due_category_is_no_longer_open() -> None:
    """The sweep finds a term once."""
    assert clocks(quote_clock, quote_due)[QUOTE_KEY].state == "due"


def test_erased_category_stays_erased() -> None:
    """No later fact wakes a category whose key is destroyed."""
    row = clocks(quote_clock, erased(Category.QUOTE), quote_clock)[QUOTE_KEY]
    assert (row.state, row.erasure, row.erased_at) == ("erased", ERASURE, NOW)


def test_erasure_touches_only_the_categories_it_names() -> None:
    """Erasing the quote leaves the billing data held."""
    rows = clocks(quote_clock, billing_clock, erased(Category.QUOTE), billing_held)
    assert {key[1]: row.state for key, row in rows.items()} == {
        "quote": "erased",
        "billing": "held",
    }


def test_erased_category_that_never_had_a_clock_has_a_row() -> None:
    """A key destroyed before its clock was heard of is still seen to be gone."""
    assert clocks(erased(Category.BILLING))[BILLING_KEY].state == "erased"


def test_clock_row_ignores_a_repeated_fact() -> None:
    """A fact the row has seen already changes nothing."""
    facts = recorded(quote_clock, quote_due)
    row = clocks(quote_clock, quote_due)[QUOTE_KEY]
    assert clock.fold(row, facts[0], QUOTE_KEY) == row


ERASURE_FACTS = (
    *recorded(begun, *all_answered(RECORD), *all_answered(OTHER)[:1], completed, record=ERASURE),
    *recorded(erased(Category.QUOTE), record=RECORD, start=50),
    *recorded(billing_held, record=OTHER, start=60),
)


def progress(facts: tuple[Recorded, ...]) -> ErasureProgress | None:
    """The erasure's row after these facts."""
    start: ErasureProgress | None = None
    return reduce(lambda row, one: erasure_progress.fold(row, one, (ERASURE,)), facts, start)


def test_every_fact_of_an_erasure_finds_its_row() -> None:
    """Facts of the records count for the erasure that caused them."""
    assert {erasure_progress.keys(one) for one in ERASURE_FACTS} == {((ERASURE,),)}


def test_progress_holds_what_went_what_stays_and_who_answered() -> None:
    """One row tells the whole erasure."""
    row = progress(ERASURE_FACTS)
    assert row is not None
    assert [part.category for part in row.erased] == [Category.QUOTE]
    assert [part.until_on for part in row.held] == [UNTIL_ON]
    assert (OTHER, str(Owner.RETENTION)) in row.answers
    assert row.certificate == "signed"


def test_progress_is_the_same_in_any_order_and_with_repeats() -> None:
    """Facts of several records come in any order in a rebuild, and some come twice."""
    first, rest = ERASURE_FACTS[0], ERASURE_FACTS[-4:]
    expected = progress((first, *rest))
    for order in permutations((first, *rest)):
        assert progress((*order, *order)) == expected
