"""Months, book years and deadlines, held against oracles that share no code with them."""

import calendar as stdlib_calendar
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from dateutil.relativedelta import relativedelta
from dateutil.tz import gettz
from hypothesis import example, given
from hypothesis import strategies as st

from libs.policy.calendar import (
    AMSTERDAM,
    BeyondTheCalendar,
    BookYearEnd,
    Days,
    Months,
    Years,
    add_months,
    due_one_month_after,
    end_of_book_year,
    end_of_day_at,
    hold_until,
    local_date,
)

DATES = st.dates(min_value=date(1980, 1, 1), max_value=date(2400, 12, 31))
INSTANTS = st.datetimes(
    min_value=datetime(1980, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2037, 12, 30),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]),
)
MONTHS = st.integers(min_value=0, max_value=600).map(Months)
YEARS = st.integers(min_value=0, max_value=30).map(Years)
BOOK_YEAR_ENDS = st.dates(min_value=date(2024, 1, 1), max_value=date(2024, 12, 31)).map(
    lambda on: BookYearEnd(month=on.month, day=on.day)
)


def _amsterdam_by_dateutil(instant: datetime) -> datetime:
    """The oracle's Amsterdam clock, from another library's reading of the zone."""
    return instant.astimezone(gettz("Europe/Amsterdam"))


def _book_year_end_by_counting(on: date, end: BookYearEnd) -> date:
    """The oracle's end of a book year: walk day by day until it is the day."""
    while not _is_end(on, end):
        on += timedelta(days=1)
    return on


def _is_end(on: date, end: BookYearEnd) -> bool:
    """Whether a book year ends on this day; a day the month lacks is its last."""
    last = stdlib_calendar.monthrange(on.year, on.month)[1]
    return on.month == end.month and on.day == min(end.day, last)


@given(DATES, MONTHS)
@example(date(2024, 1, 31), Months(1))
@example(date(2024, 2, 29), Months(12))
def test_months_agree_with_dateutil(on: date, months: Months) -> None:
    """A month added to a date is the month another library adds."""
    assert add_months(on, months) == on + relativedelta(months=months.count)


@given(INSTANTS, MONTHS)
@example(datetime(2026, 2, 28, 23, 30, tzinfo=UTC), Months(1))
@example(datetime(2025, 9, 30, 22, 30, tzinfo=UTC), Months(1))
def test_a_term_from_an_instant_ends_with_its_last_day(since: datetime, months: Months) -> None:
    """A term from an instant ends when its last Amsterdam day has ended, summer time or not."""
    last_on = _amsterdam_by_dateutil(since).date() + relativedelta(months=months.count)
    ends_at = add_months(since, months)
    last_moment = _amsterdam_by_dateutil(ends_at - timedelta(microseconds=1))
    assert (last_moment.date(), _amsterdam_by_dateutil(ends_at).date()) == (
        last_on,
        last_on + timedelta(days=1),
    )


@given(INSTANTS, INSTANTS, MONTHS)
def test_a_later_start_never_ends_earlier(one: datetime, two: datetime, months: Months) -> None:
    """Of two starts the later one never has the earlier end."""
    first, second = sorted((one, two))
    assert add_months(first, months) <= add_months(second, months)


@given(INSTANTS, MONTHS)
def test_a_term_is_never_shorter_than_its_months(since: datetime, months: Months) -> None:
    """A term never ends before its months have passed on the clock."""
    assert add_months(since, months) > since


@given(INSTANTS)
def test_an_instant_is_answered_in_utc(since: datetime) -> None:
    """Whatever zone an instant comes in, the answer is in UTC."""
    assert add_months(since, Months(1)).tzinfo is UTC


@pytest.mark.parametrize(
    ("received_at", "late_at"),
    [
        ("2027-01-31T12:00+01:00", "2027-03-01T00:00+01:00"),
        ("2028-01-31T12:00+01:00", "2028-03-01T00:00+01:00"),
        ("2028-01-29T12:00+01:00", "2028-03-01T00:00+01:00"),
        ("2026-02-28T23:30+00:00", "2026-04-02T00:00+02:00"),
        ("2026-03-31T12:00+02:00", "2026-05-01T00:00+02:00"),
        ("2026-09-25T12:00+02:00", "2026-10-26T00:00+01:00"),
        ("2026-12-31T23:30+00:00", "2027-02-02T00:00+01:00"),
    ],
)
def test_a_request_is_late_after_one_calendar_month(received_at: str, late_at: str) -> None:
    """A rights request is late when its month has ended in Amsterdam."""
    assert due_one_month_after(datetime.fromisoformat(received_at)) == datetime.fromisoformat(
        late_at
    )


def test_lengths_are_added_before_they_are_counted() -> None:
    """An extended deadline is counted once, from receipt, and loses no days on the way."""
    assert add_months(date(2027, 1, 31), Months(1) + Months(2)) == date(2027, 4, 30)


@pytest.mark.parametrize(
    ("on", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
def test_a_day_lasts_as_long_as_amsterdam_says(on: date, hours: int) -> None:
    """The days on which the clock changes last 23 and 25 hours."""
    assert end_of_day_at(on) - end_of_day_at(on - timedelta(days=1)) == timedelta(hours=hours)


@given(DATES, BOOK_YEAR_ENDS)
@example(date(2024, 2, 29), BookYearEnd(2, 29))
@example(date(2023, 2, 28), BookYearEnd(2, 29))
def test_book_years_agree_with_counting_days(on: date, end: BookYearEnd) -> None:
    """The end of a book year is the day that walking forward day by day finds."""
    assert end_of_book_year(on, end) == _book_year_end_by_counting(on, end)


@given(DATES, YEARS, BOOK_YEAR_ENDS)
def test_a_hold_ends_with_a_book_year(on: date, years: Years, end: BookYearEnd) -> None:
    """A hold's last day is a book year's last day, that many years after the anchor's."""
    until = hold_until(on, years, end)
    anchor_ends_on = _book_year_end_by_counting(on, end)
    assert (_is_end(until, end), until.year - anchor_ends_on.year) == (True, years.count)


@pytest.mark.parametrize(
    ("anchor", "years", "until"),
    [
        (date(2026, 3, 14), 7, date(2033, 12, 31)),
        (date(2026, 3, 14), 10, date(2036, 12, 31)),
        (date(2026, 12, 31), 7, date(2033, 12, 31)),
        (date(2027, 1, 1), 7, date(2034, 12, 31)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), 7, date(2034, 12, 31)),
        (datetime(2026, 12, 31, 22, 30, tzinfo=UTC), 7, date(2033, 12, 31)),
    ],
)
def test_a_hold_follows_the_law(anchor: date, years: int, until: date) -> None:
    """Issued and paid in March 2026 is held to the end of 2033, or of 2036 under OSS."""
    assert hold_until(anchor, Years(years)) == until


@pytest.mark.parametrize(
    "past_the_end",
    [
        lambda: add_months(date(9999, 12, 1), Months(1)),
        lambda: add_months(datetime(9999, 11, 30, 12, tzinfo=UTC), Months(1) + Months(1)),
        lambda: add_months(datetime(9999, 11, 30, 23, 30, tzinfo=UTC), Months(1)),
        lambda: local_date(datetime(9999, 12, 31, 23, 30, tzinfo=UTC)),
        lambda: local_date(datetime(1, 1, 1, 0, 0, tzinfo=timezone(timedelta(hours=14)))),
        lambda: end_of_day_at(date(9999, 12, 31)),
        lambda: hold_until(date(9995, 1, 1), Years(7)),
        lambda: end_of_book_year(date(9999, 12, 31), BookYearEnd(6, 30)),
        lambda: add_months(date(2026, 1, 1), Months(10**30)),
    ],
)
def test_the_end_of_the_calendar_is_refused_by_name(past_the_end: object) -> None:
    """Past the year 9999 there is a named refusal, never an overflow or a wrong year."""
    assert callable(past_the_end)
    with pytest.raises(BeyondTheCalendar, match="years 1 to 9999"):
        past_the_end()


@pytest.mark.parametrize("on", [date(9999, 12, 30), date(9998, 12, 31)])
def test_the_last_days_of_the_calendar_still_work(on: date) -> None:
    """The last term that fits into the calendar is still counted."""
    assert end_of_day_at(on).astimezone(AMSTERDAM).date() == on + timedelta(days=1)


def test_a_naive_datetime_is_refused() -> None:
    """A datetime without a zone names no instant."""
    with pytest.raises(ValueError, match="time zone"):
        add_months(datetime(2026, 1, 1), Months(1))  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize("unit", [Months, Years, Days])
def test_no_length_is_negative(unit: type[Months | Years | Days]) -> None:
    """A term cannot run backwards."""
    with pytest.raises(ValueError, match="cannot last -1"):
        unit(-1)


@pytest.mark.parametrize(
    "text", ["31-12-2026", "13-01", "04-31", "00-10", "1-0", "dec-31", "", 1231, "²-1"]
)
def test_a_book_year_end_that_is_no_day_is_refused(text: object) -> None:
    """Only a month and a day that some year has can end a book year."""
    with pytest.raises(ValueError, match=r"12-31|no year has"):
        BookYearEnd.parse(text)
