"""What visitors are told about being asked again."""

from datetime import UTC, datetime

import msgspec

from libs.policy.loader import load_policy
from services.consent.api.showing import ask_again_at, show_choice
from services.consent.projections.choice_now import chosen as row_of
from tests.unit.services.consent.facts import ALL, chosen, recorded

TERMS = load_policy().terms
(FACT,) = recorded(chosen(ALL))
CHOICE = row_of(FACT, chosen(ALL))
REFUSAL = msgspec.structs.replace(CHOICE, functional=False, analytical=False, advertisement=False)


def test_consent_rests_for_its_term() -> None:
    """A choice of 31 January is asked for again after 31 January a year later has ended."""
    assert ask_again_at(CHOICE, TERMS) == datetime(2027, 1, 31, 23, tzinfo=UTC)


def test_refusal_rests_for_its_own_term() -> None:
    """A refusal of 31 January rests for six months, to the end of 31 July."""
    assert ask_again_at(REFUSAL, TERMS) == datetime(2026, 7, 31, 22, tzinfo=UTC)


def test_visitor_sees_that_necessary_cookies_are_always_on() -> None:
    """The fourth category is shown with the other three."""
    assert show_choice(CHOICE, TERMS).necessary is True
