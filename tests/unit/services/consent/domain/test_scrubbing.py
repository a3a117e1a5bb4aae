"""The rule that every erasure is answered, once."""

from uuid import UUID

from libs.events.values import Category
from services.consent.domain.scrubbing import SCRUBBING, Scrub
from tests.unit.services.consent.facts import ERASURE, chosen, scrubbed

SCRUB = Scrub(erasure=ERASURE, categories=(Category.CONSENT,))


def test_scrub_is_answered_for_a_record_that_consent_never_kept() -> None:
    """Retention waits for every owner, so consent answers also when it had nothing."""
    assert SCRUBBING.decide(SCRUB, SCRUBBING.initial) == (scrubbed(Category.CONSENT),)


def test_scrub_is_answered_once_for_each_erasure() -> None:
    """The same erasure again gives nothing."""
    state = SCRUBBING.fold((chosen(), scrubbed(Category.CONSENT)))
    assert SCRUBBING.decide(SCRUB, state) == ()


def test_scrub_is_answered_again_for_another_erasure() -> None:
    """A second erasure of the same record is answered as well."""
    state = SCRUBBING.fold((scrubbed(Category.CONSENT, erasure=UUID(int=8)),))
    assert SCRUBBING.decide(SCRUB, state) == (scrubbed(Category.CONSENT),)


def test_scrub_is_answered_for_every_category() -> None:
    """What the same erasure destroyed later is answered for as well."""
    state = SCRUBBING.fold((scrubbed(Category.QUOTE),))
    assert SCRUBBING.decide(SCRUB, state) == (scrubbed(Category.CONSENT),)


def test_answer_that_retention_misses_is_given_again() -> None:
    """Asked again, consent answers whether it had answered or not."""
    again = Scrub(erasure=ERASURE, categories=(Category.CONSENT,), again=True)
    answered = SCRUBBING.fold((scrubbed(Category.CONSENT),))
    for state in (SCRUBBING.initial, answered):
        assert SCRUBBING.decide(again, state) == (scrubbed(Category.CONSENT),)
