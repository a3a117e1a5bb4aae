"""The letters say everything that must be said, in both languages."""

from datetime import date

import msgspec
import pytest

from libs.events.values import Category
from services.consent.app.letters import OutcomeLinks, confirmation, outcome
from tests.unit.services.consent.facts import carried_out

LINKS = OutcomeLinks(
    certificate_url="https://flux3d.example/certificate",
    outcome_url="https://flux3d.example/outcome",
    authority="Autoriteit Persoonsgegevens",
    authority_site="https://autoriteitpersoonsgegevens.nl",
)
NOTHING = msgspec.structs.replace(carried_out, erased=(), held=())
LANGUAGES = ("en", "nl")


@pytest.mark.parametrize("language", LANGUAGES)
def test_confirmation_shows_both_links_and_the_last_day(language: str) -> None:
    """Who asked can confirm, look, and knows when an answer is due."""
    letter = confirmation(
        language, confirmation_url="https://c", outcome_url="https://o", due_on=date(2026, 2, 28)
    )
    assert all(part in letter.text for part in ("https://c\n", "https://o\n", "2026-02-28"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_outcome_names_what_stays_with_reason_and_date(language: str) -> None:
    """What the law keeps is named with its law and its last day."""
    text = outcome(language, carried_out, LINKS).text
    assert all(part in text for part in ("AWR art. 52(4)", "2033-12-31"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", list(Category))
def test_outcome_has_a_word_for_every_category(language: str, category: Category) -> None:
    """No category falls outside the letters' vocabulary."""
    part = msgspec.structs.replace(carried_out.erased[0], category=category)
    done = msgspec.structs.replace(carried_out, erased=(part,), held=())
    assert str(part.record) in outcome(language, done, LINKS).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_outcome_shows_the_certificate_and_where_to_complain(language: str) -> None:
    """The proof and the supervisory authority stand in every outcome."""
    text = outcome(language, NOTHING, LINKS).text
    assert all(part in text for part in (LINKS.certificate_url, LINKS.authority_site))


def test_outcome_says_so_when_nothing_was_kept() -> None:
    """An unknown address is told that nothing was there."""
    assert "We kept nothing under this address" in outcome("en", NOTHING, LINKS).text


def test_outcome_names_an_open_end_when_the_order_still_runs() -> None:
    """A hold without a date yet says what it waits for."""
    part = msgspec.structs.replace(carried_out.held[0], until_on=None)
    done = msgspec.structs.replace(carried_out, held=(part,))
    assert "until the order is finished" in outcome("en", done, LINKS).text


def test_letter_is_english_when_the_language_is_another() -> None:
    """Who asked in Polish gets the English letter."""
    assert outcome("pl", NOTHING, LINKS) == outcome("en", NOTHING, LINKS)
