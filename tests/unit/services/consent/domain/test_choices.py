"""The rules by which a visitor's choices are decided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.values import Category
from libs.events.vocabulary.consent import ConsentChanged
from libs.events.vocabulary.scrubbing import RecordAbandoned
from services.consent.domain.choices import CHOICES, PURPOSES, Answers, Choose, Source
from services.consent.domain.refusals import ChoicesErased
from tests.unit.services.consent.facts import ALL, NONE, choose, chosen, scrubbed

ANSWERS = st.builds(Answers, **{name: st.booleans() for name in PURPOSES})


def _decide(command: Choose, *history: ConsentChanged) -> ConsentChanged:
    (event,) = CHOICES.decide(command, CHOICES.fold(history))
    assert isinstance(event, ConsentChanged)
    return event


@given(ANSWERS)
def test_choice_counts_as_it_was_made_without_a_signal(answers: Answers) -> None:
    """Without a signal every answer counts as given, a refusal included."""
    assert _decide(choose(answers)) == chosen(answers)


def test_choice_is_recorded_again_when_it_repeats_the_last() -> None:
    """The same choice again is a fact of its own that changes nothing."""
    assert _decide(choose(ALL), chosen(ALL)).changed == ()


def test_choice_names_only_what_changed() -> None:
    """A later choice names the purposes whose answer differs from the one before."""
    later = Answers(functional=True, portfolio=True)
    assert _decide(choose(later), chosen(Answers(functional=True, marketing=True))).changed == (
        "marketing",
        "portfolio",
    )


def test_withdrawal_counts_at_once_from_every_source() -> None:
    """Saying no works through the same door as saying yes, whatever was said before."""
    for source in Source:
        assert _decide(choose(NONE, source=source), chosen(ALL)).analytical is False


def test_signal_refuses_what_the_banner_would_turn_on() -> None:
    """Under a signal the banner turns on no analytics, advertisement or marketing."""
    event = _decide(choose(ALL, gpc=True), chosen(ALL))
    assert event.refused_by_signal == ("analytical", "advertisement", "marketing")


def test_signal_leaves_other_answers_alone() -> None:
    """A signal refuses neither functional cookies nor the portfolio."""
    event = _decide(choose(ALL, gpc=True))
    assert (event.functional, event.portfolio, event.analytical) == (True, True, False)


def test_signal_yields_to_a_later_choice_made_on_purpose() -> None:
    """Who opens the settings after an earlier choice and says yes is taken at that word."""
    event = _decide(choose(ALL, source=Source.SETTINGS, gpc=True), chosen(NONE, gpc=True))
    assert (event.advertisement, event.gpc, event.refused_by_signal) == (True, True, ())


def test_signal_does_not_yield_to_a_first_choice() -> None:
    """A first choice under a signal turns on no analytics or advertisement, wherever it is made."""
    event = _decide(choose(ALL, source=Source.SETTINGS, gpc=True))
    assert event.refused_by_signal == ("analytical", "advertisement")


@given(answers=ANSWERS, source=st.sampled_from(Source), gpc=st.booleans(), is_first=st.booleans())
def test_signal_never_turns_anything_on(
    *, answers: Answers, source: Source, gpc: bool, is_first: bool
) -> None:
    """Whatever comes along, nothing counts as yes that was not answered with yes."""
    history = () if is_first else (chosen(NONE),)
    event = _decide(choose(answers, source=source, gpc=gpc), *history)
    assert {name for name in PURPOSES if getattr(event, name)} <= answers.given()


def test_choice_is_refused_when_the_record_is_erased() -> None:
    """Nothing is added to the choices of a record whose key was destroyed."""
    state = CHOICES.fold((chosen(ALL), scrubbed(Category.CONSENT)))
    with pytest.raises(ChoicesErased):
        CHOICES.decide(choose(), state)


def test_choice_is_refused_when_the_record_was_abandoned() -> None:
    """Nothing is added to a record whose key is let go: the visitor begins a new one."""
    with pytest.raises(ChoicesErased):
        CHOICES.decide(choose(), CHOICES.fold((RecordAbandoned(),)))


def test_choice_is_taken_when_another_category_was_erased() -> None:
    """A scrub of other categories leaves choices as they are."""
    state = CHOICES.fold((chosen(NONE), scrubbed(Category.QUOTE)))
    assert len(CHOICES.decide(choose(), state)) == 1
