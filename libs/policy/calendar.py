"""Calendar arithmetic as the law counts: months, book years, and the instant a term has ended.

One rule for every term: it is counted in whole days of Europe/Amsterdam, the day of the event is
not counted, and it ends with the last hour of its last day. A date returned is that last day; an
instant returned is the first one after it, in UTC. So a record is due, a request is late and a
hold is over from the returned instant on (`now >= instant`), and never earlier.

Nothing here reads a clock.
Source: D11; Regulation (EEC, Euratom) 1182/71 art. 3.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import overload
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_SOME_LEAP_YEAR = 2024
_FEBRUARY = 2
_LONGEST_DAY_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class BeyondTheCalendar(ValueError):
    """The answer, or the input, lies outside the years 1 to 9999: no term can be kept there."""


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A length in calendar months, never in days.

    Raises: ValueError, when the count is negative.
    """

    count: int

    def __post_init__(self) -> None:
        """Refuse what is not a length."""
        _refuse_negative(self.count, "months")

    def __add__(self, other: "Months") -> "Months":
        """Both lengths as one, to be counted once from the same start."""
        return Months(self.count + other.count)


@dataclass(frozen=True, slots=True, order=True)
class Years:
    """A length in book years.

    Raises: ValueError, when the count is negative.
    """

    count: int

    def __post_init__(self) -> None:
        """Refuse what is not a length."""
        _refuse_negative(self.count, "years")


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """A length in whole days; zero means at once.

    Raises: ValueError, when the count is negative.
    """

    count: int

    def __post_init__(self) -> None:
        """Refuse what is not a length."""
        _refuse_negative(self.count, "days")


@dataclass(frozen=True, slots=True)
class BookYearEnd:
    """The day on which a book year ends, every year; 29 February means the last of February.

    Raises: ValueError, when no year has that day.
    """

    month: int
    day: int

    def __post_init__(self) -> None:
        """Refuse a day that exists in no year."""
        try:
            date(_SOME_LEAP_YEAR, self.month, self.day)
        except ValueError as error:
            msg = f"no year has a day {self.month:02d}-{self.day:02d}; write month-day, as 12-31"
            raise ValueError(msg) from error

    @classmethod
    def parse(cls, text: object) -> "BookYearEnd":
        """The day written as month-day, `12-31`.

        Raises: ValueError, when it is written in another way.
        """
        match text.split("-") if isinstance(text, str) else ():
            case [month, day] if month.isdecimal() and day.isdecimal():
                return cls(month=int(month), day=int(day))
        msg = 'write the last day of the book year as month-day in digits, as "12-31"'
        raise ValueError(msg)

    def in_year(self, year: int) -> date:
        """The last day of the book year that ends in this calendar year.

        Raises: BeyondTheCalendar, outside the years 1 to 9999.
        """
        return _clamped(year, self.month, self.day)


DECEMBER_31 = BookYearEnd(month=12, day=31)


def local_date(moment: date | datetime) -> date:
    """The Amsterdam date of an instant; a date stays as it is.

    Raises: ValueError, for a datetime without a time zone; BeyondTheCalendar, past year 9999.
    """
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None or moment.utcoffset() is None:
        msg = "a datetime without a time zone names no instant; hand in an aware one"
        raise ValueError(msg)
    try:
        return moment.astimezone(AMSTERDAM).date()
    except OverflowError as error:
        msg = f"{moment.isoformat()} has no date in Amsterdam within the years 1 to 9999"
        raise BeyondTheCalendar(msg) from error


def end_of_day_at(on: date) -> datetime:
    """The first instant after this Amsterdam day, in UTC: 23, 24 or 25 hours after it began.

    Raises: BeyondTheCalendar, for 31 December 9999.
    """
    day = local_date(on)
    try:
        following = day + timedelta(days=1)
    except OverflowError as error:
        msg = f"{day.isoformat()} has no following day within the years 1 to 9999"
        raise BeyondTheCalendar(msg) from error
    return datetime.combine(following, time.min, tzinfo=AMSTERDAM).astimezone(UTC)


@overload
def add_months(since: datetime, months: Months) -> datetime: ...
@overload
def add_months(since: date, months: Months) -> date: ...
def add_months(since: date | datetime, months: Months) -> date | datetime:
    """The last day of a term of calendar months; for an instant, the first instant after that day.

    Shape:  31 January + 1 month is 28 or 29 February, whatever the hour of the day.
    Raises: ValueError, for a datetime without a time zone; BeyondTheCalendar, past year 9999.
    Why:    lengths are counted once from their start; 31 January + 1 + 2 months taken in steps
            would lose two days on the way, so add the lengths (`Months(1) + Months(2)`) first.
    """
    start = local_date(since)
    years, month_index = divmod(start.month - 1 + months.count, 12)
    last = _clamped(start.year + years, month_index + 1, start.day)
    return end_of_day_at(last) if isinstance(since, datetime) else last


def end_of_book_year(moment: date | datetime, book_year_end: BookYearEnd = DECEMBER_31) -> date:
    """The last day of the book year in which this day falls; that last day belongs to it.

    Raises: ValueError, for a datetime without a time zone; BeyondTheCalendar, past year 9999.
    """
    on = local_date(moment)
    ends_on = book_year_end.in_year(on.year)
    return ends_on if on <= ends_on else book_year_end.in_year(on.year + 1)


def hold_until(
    anchor: date | datetime, years: Years, book_year_end: BookYearEnd = DECEMBER_31
) -> date:
    """The last day on which the law keeps a record: its book year's end, so many years later.

    Shape:  issued and paid in March 2026, 7 years, book year to 31 December: 31 December 2033.
            The hold is over from `end_of_day_at` of that day.
    Raises: ValueError, for a datetime without a time zone; BeyondTheCalendar, past year 9999.
    Source: AWR art. 52(4); clause 5.1.billing.
    """
    return book_year_end.in_year(end_of_book_year(anchor, book_year_end).year + years.count)


def due_one_month_after(received_at: datetime) -> datetime:
    """When a rights request becomes late: one calendar month after its receipt has ended.

    Raises: ValueError, for a datetime without a time zone; BeyondTheCalendar, past year 9999.
    Source: GDPR art. 12(3), counted from receipt and not from the check of identity.
    """
    return add_months(received_at, Months(1))


def _clamped(year: int, month: int, day: int) -> date:
    """The day of the month, or the month's last when it is shorter."""
    if not date.min.year <= year <= date.max.year:
        msg = f"the term would end in the year {year}, outside the years 1 to 9999"
        raise BeyondTheCalendar(msg)
    return date(year, month, min(day, _days_in_month(year, month)))


def _days_in_month(year: int, month: int) -> int:
    """How many days this month has in this year."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 28 if month == _FEBRUARY and not leap else _LONGEST_DAY_OF_MONTH[month - 1]


def _refuse_negative(count: int, unit: str) -> None:
    """A length below zero is our mistake."""
    if count < 0:
        msg = f"a term cannot last {count} {unit}"
        raise ValueError(msg)
