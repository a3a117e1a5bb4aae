"""Terms over every day of thirteen years, held against a second way of counting them."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.tz import gettz

from libs.policy.calendar import Months, Years, add_months, hold_until
from tests.faults.extent import Extent

FIRST, LAST = date(2024, 1, 1), date(2036, 12, 31)
TERMS = (1, 3, 12, 13, 24)
HOLDS = (7, 10)
HOURS = (0, 12, 21, 22, 23)
AMSTERDAM = gettz("Europe/Amsterdam")
pytestmark = pytest.mark.timeout(300)


def days() -> list[date]:
    """Every day of the years."""
    return [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


def months_on(on: date, count: int) -> date:
    """The same day so many months on, or the month's last: one month after the other."""
    year, month = on.year, on.month
    for _ in range(count):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def day_in_amsterdam(instant: datetime) -> date:
    """The date there, by another library's reading of the zone."""
    return instant.astimezone(AMSTERDAM).date()


def test_f43_terms_of_dates_are_counted_by_the_month(extent: Extent) -> None:
    """Leap days and month ends included, a term ends on the day that counting finds."""
    checked = 0
    for on in days():
        for count in TERMS:
            assert add_months(on, Months(count)) == months_on(on, count)
            checked += 1
    extent.saw(f"{checked} terms of dates equal a second count")


def test_f43_terms_of_instants_end_with_their_last_day(extent: Extent) -> None:
    """Around both changes of the clock too, a term ends at midnight in Amsterdam after its day."""
    checked = 0
    for on in days():
        for hour in HOURS:
            since = datetime(on.year, on.month, on.day, hour, 30, tzinfo=UTC)
            last = months_on(day_in_amsterdam(since), 12)
            ends_at = add_months(since, Months(12))
            before = ends_at - timedelta(seconds=1)
            assert (day_in_amsterdam(before), day_in_amsterdam(ends_at)) == (
                last,
                last + timedelta(days=1),
            )
            checked += 1
    extent.saw(f"{checked} terms of instants end at a midnight in Amsterdam")


def test_f43_holds_end_with_their_book_year(extent: Extent) -> None:
    """Across leap years a hold lasts to the last day of its year, seven or ten years on."""
    checked = 0
    for on in days():
        for years in HOLDS:
            assert hold_until(on, Years(years)) == date(on.year + years, 12, 31)
            checked += 1
    extent.saw(f"{checked} holds end with their year")
