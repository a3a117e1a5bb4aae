"""Invoice numbers: `2026-000001`, counted without a gap in each year of issue."""

import re
from typing import NamedTuple

SERIES = "invoice"
"""The one series so far; credit notes get their own."""

_NUMBER = re.compile(r"(?P<year>[0-9]{4})-(?P<sequence>[0-9]{6,})")


class InvoiceNumber(NamedTuple):
    """A year and a place in it; sorts as it counts."""

    year: int
    sequence: int

    def __str__(self) -> str:
        """The number as it is printed."""
        return f"{self.year:04d}-{self.sequence:06d}"


def read_number(text: str) -> InvoiceNumber | None:
    """The number that this text is, or none where it is no number of ours."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    number = InvoiceNumber(int(found["year"]), int(found["sequence"]))
    return number if str(number) == text else None


def object_name(number: InvoiceNumber) -> str:
    """Where the sealed document of an invoice lies in the bucket."""
    return f"{number.year:04d}/{number}.sealed"
