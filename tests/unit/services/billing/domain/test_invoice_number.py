"""Invoice numbers: how they are written and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.invoice_number import InvoiceNumber, object_name, read_number


@given(st.integers(1, 9999), st.integers(1, 10**9))
def test_number_reads_as_written(year: int, sequence: int) -> None:
    """What is printed finds its invoice again, also past a million."""
    number = InvoiceNumber(year, sequence)
    assert read_number(str(number)) == number


@pytest.mark.parametrize(
    "text", ["", "2026-1", "2026-0000001", "26-000001", "2026-000001\n", "2026-00000\u0661", "x"]
)
def test_other_text_is_no_number(text: str) -> None:
    """Only the one way of writing a number is read."""
    assert read_number(text) is None


def test_document_lies_under_its_year() -> None:
    """The name of a document follows from the number alone, so a repeat lands in the same place."""
    assert object_name(InvoiceNumber(2026, 1)) == "2026/2026-000001.sealed"
