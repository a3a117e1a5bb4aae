"""How long each category is kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from libs.events.values import Category
from libs.policy.calendar import AMSTERDAM, local_date
from libs.policy.loader import load_policy
from services.retention.domain import terms as rules
from services.retention.domain.sweep import SweepState
from services.retention.main import terms_of
from tests.unit.services.retention.facts import NOW, TERMS

MOMENTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2060, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
)
DAY = timedelta(days=1)


@pytest.mark.policy("5.1.quote")
@given(MOMENTS)
def test_quote_goes_after_its_last_day_and_not_earlier(contact_at: datetime) -> None:
    """Twelve calendar months after the last contact, counted by an independent oracle."""
    term = rules.quote_term(TERMS, contact_at, "x")
    last_on = local_date(contact_at) + relativedelta(months=12)
    expected = datetime.combine(last_on + DAY, datetime.min.time(), AMSTERDAM)
    assert term.due_at == expected


@pytest.mark.policy("5.1.files")
def test_content_of_an_ordered_quote_stays_while_the_project_runs() -> None:
    """While a project runs only the end of its order's own term ends it."""
    term = rules.running_project_term(TERMS, NOW)
    assert local_date(term.due_at) == date(2034, 1, 1)
    assert term.clause == "5.1.files"


@pytest.mark.policy("5.1.files")
@pytest.mark.parametrize(
    ("delivered_on", "last_on"),
    [(date(2026, 1, 31), date(2027, 1, 31)), (date(2016, 1, 31), date(2027, 1, 31))],
)
def test_content_goes_twelve_months_after_completion(delivered_on: date, last_on: date) -> None:
    """A mistyped year of delivery does not erase at once."""
    term = rules.completed_project_term(TERMS, delivered_on, NOW)
    assert local_date(term.due_at) == last_on + DAY


@pytest.mark.policy("5.1.billing")
def test_hold_is_over_when_its_last_day_has_passed() -> None:
    """On 31 December itself the law still keeps it."""
    term = rules.hold_term(Category.BILLING, date(2033, 12, 31), "basis")
    assert term.due_at == datetime(2034, 1, 1, tzinfo=AMSTERDAM)


@pytest.mark.policy("6.requests")
def test_unconfirmed_request_is_forgotten_after_a_month() -> None:
    """31 January and one month is 28 February."""
    term = rules.unconfirmed_request_term(TERMS, NOW)
    assert local_date(term.due_at) == date(2026, 3, 1)


@pytest.mark.policy("6.requests")
def test_confirmed_request_keeps_its_address_as_long_as_an_answer_may_take() -> None:
    """One month, and the two by which the law lets it be extended."""
    term = rules.confirmed_request_term(TERMS, NOW)
    assert local_date(term.due_at) == date(2026, 5, 1)


def test_choices_go_when_they_must_be_asked_again() -> None:
    """A choice is kept as long as it counts."""
    term = rules.choices_term(TERMS, NOW)
    assert local_date(term.due_at) == date(2027, 2, 1)


def test_every_clause_of_a_term_is_in_the_policy() -> None:
    """A clock never names a clause that the policy does not have."""
    policy = load_policy()
    for clause in (
        rules.QUOTE_CLAUSE,
        rules.ORDERED_CLAUSE,
        rules.BILLING_CLAUSE,
        rules.CHOICES_CLAUSE,
        rules.REQUEST_CLAUSE,
    ):
        assert policy.clause(clause).id == clause


def test_terms_are_read_from_the_policy() -> None:
    """What this service goes by is what the policy says."""
    assert terms_of(load_policy()) == TERMS


@pytest.mark.parametrize(("days", "is_stopped"), [(35, False), (36, True), (-2, False)])
def test_sweep_stops_after_a_jump_beyond_the_cap(days: int, is_stopped: bool) -> None:  # noqa: FBT001
    """A clock that jumps forward does not erase in bulk; one that jumps back erases nothing."""
    state = SweepState(last_swept_at=NOW)
    assert state.is_stopped(NOW + timedelta(days=days), timedelta(days=35)) is is_stopped


def test_first_sweep_is_not_stopped() -> None:
    """A new stack has nothing to compare with and nothing to lose."""
    assert not SweepState().is_stopped(NOW, timedelta(days=35))
