"""Letters: in the language of the customer, with nothing personal in the subject."""

import pytest

from libs.events.values import Money
from services.quotes.app import letters

VALUES = {"name": "Zoë $Quokka", "reference": "Q-00000001", "status_url": "https://x/s?token=t"}


@pytest.mark.parametrize(
    ("language", "greeting"), [("nl", "Beste "), ("en", "Dear "), ("ja", "Dear ")]
)
def test_letter_is_dutch_or_english(language: str, greeting: str) -> None:
    """Who asked in Dutch is answered in Dutch, all others in English."""
    letter = letters.confirmation(language, **VALUES)
    assert letter.text.startswith(f"{greeting}Zoë $Quokka,")


def test_subject_names_no_person() -> None:
    """The subject holds the reference only, because mail servers log it."""
    assert "Quokka" not in letters.confirmation("en", **VALUES).subject


@pytest.mark.parametrize(
    ("language", "written"), [("nl", "€ 1.234,50"), ("en", "€1,234.50"), ("el", "€1,234.50")]
)
def test_amount_is_written_as_people_write_it(language: str, written: str) -> None:
    """Dutch readers see a comma for cents, others a point."""
    assert letters.written_amount(Money(cents=123450), language) == written
