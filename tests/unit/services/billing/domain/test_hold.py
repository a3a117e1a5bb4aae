"""Holds: until when the law keeps an order."""

from datetime import date

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from libs.policy.calendar import BookYearEnd
from services.billing.domain.hold import HoldRule
from tests.unit.services.billing.examples import RULE, TODAY_ON, UNTIL_ON

DAYS = st.dates(min_value=date(2001, 1, 1), max_value=date(2400, 1, 1))
ENDS = st.sampled_from([BookYearEnd(12, 31), BookYearEnd(6, 30), BookYearEnd(2, 29)])


@pytest.mark.policy("5.1.billing")
def test_hold_ends_with_the_book_year_seven_years_later() -> None:
    """What was issued in March 2026 is kept until the last day of 2033."""
    assert RULE.until(TODAY_ON) == UNTIL_ON


@pytest.mark.policy("5.1.billing")
@given(DAYS, ENDS)
def test_hold_never_ends_before_seven_full_years(issued_on: date, ends: BookYearEnd) -> None:
    """No record goes sooner than seven years after its day, nor is kept beyond eight and a day."""
    until_on = HoldRule(years=RULE.years, basis=RULE.basis, book_year_end=ends).until(issued_on)
    assert (
        issued_on + relativedelta(years=7) <= until_on <= issued_on + relativedelta(years=8, days=1)
    )


@given(DAYS, DAYS)
def test_hold_is_never_made_shorter(anchor_on: date, running_until_on: date) -> None:
    """A hold that replaces another one never ends before it."""
    placed = RULE.placed(anchor_on, not_before=running_until_on)
    assert placed.until_on == max(RULE.until(anchor_on), running_until_on)


def test_hold_names_its_law() -> None:
    """Whoever asks why something stays can be told the law."""
    assert RULE.placed(TODAY_ON).basis == "AWR art. 52(4)"
