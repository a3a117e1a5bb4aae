"""How operators write a moment to go to: a length from now, a day, or an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta

from libs.policy.calendar import AMSTERDAM

_LENGTH = re.compile(r"(?P<count>\d{1,6}) ?(?P<unit>second|minute|hour|day|week|month|year)s?")
WANTED = "13months, 8years, 36hours, 2027-01-01 or 2026-12-31T23:59:59+01:00"


class MomentRefused(ValueError):
    """The text names no moment; it says what would."""


def read_moment(text: str, *, now: datetime) -> datetime:
    """The moment that a text names, seen from now; a day begins at midnight in Amsterdam.

    Raises: MomentRefused.
    """
    try:
        if match := _LENGTH.fullmatch(text.strip().lower()):
            return _later(now, int(match["count"]), match["unit"])
        named = datetime.fromisoformat(text.strip())
        aware = named if named.tzinfo else named.replace(tzinfo=AMSTERDAM)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"{text!r} is no moment within our calendar; write {WANTED}"
        raise MomentRefused(message) from error


def show_length(length: timedelta) -> str:
    """A length in words, to the minute."""
    minutes = int(length.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    return f"{days} days {hours} h {minutes % 60} min"


def _later(now: datetime, count: int, unit: str) -> datetime:
    # Calendar units are counted where people live: a month later is the same hour there.
    local = now.astimezone(AMSTERDAM)
    if unit in ("second", "minute", "hour"):
        return now + timedelta(**{f"{unit}s": count})
    return (local + _calendar(count, unit)).astimezone(UTC)


def _calendar(count: int, unit: str) -> relativedelta:
    match unit:
        case "day":
            return relativedelta(days=count)
        case "week":
            return relativedelta(weeks=count)
        case "month":
            return relativedelta(months=count)
    return relativedelta(years=count)
