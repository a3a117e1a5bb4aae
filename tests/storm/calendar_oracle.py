"""The calendar once more, by another library: whole days of Amsterdam, months by their dates."""

from datetime import UTC, date, datetime, time
from functools import cache

from dateutil.relativedelta import relativedelta
from dateutil.tz import gettz

AMSTERDAM = gettz("Europe/Amsterdam")


def day_of(instant: datetime) -> date:
    """The day in Amsterdam."""
    return instant.astimezone(AMSTERDAM).date()


@cache
def day_after(last_on: date) -> datetime:
    """The first instant after a day in Amsterdam."""
    following = last_on + relativedelta(days=1)
    return datetime.combine(following, time.min, tzinfo=AMSTERDAM).astimezone(UTC)


@cache
def months_after(start_on: date, months: int) -> datetime:
    """The first instant after a term of months."""
    return day_after(start_on + relativedelta(months=months))


def years_after_year_end(start_on: date, years: int) -> datetime:
    """The first instant after so many years from the end of the year."""
    return day_after(date(start_on.year + years, 12, 31))
