"""Given, when, then: the tests of deciders fail when they should."""

import pytest

from libs.events.decider import Decider
from libs.events.errors import Refused
from libs.events.event import Event
from libs.events.testing.spec import spec
from libs.events.vocabulary.quotes import ProjectStarted, QuoteDeclined


class TooLate(Refused):
    """It is over."""


class TooEarly(Refused):
    """It has not begun."""


def _decide(command: str, facts: int) -> tuple[Event, ...]:
    if command == "refuse":
        raise TooLate
    return (ProjectStarted(),) if facts == 0 else ()


DECIDER: Decider[str, int] = Decider(0, lambda state, _: state + 1, _decide)


def test_a_rule_that_holds_passes() -> None:
    """The three ways to say a rule are quiet when it holds."""
    spec(DECIDER).when("start").then(ProjectStarted())
    spec(DECIDER).given(ProjectStarted()).when("start").does_nothing()
    spec(DECIDER).when("refuse").refuses(TooLate)


def test_another_fact_fails() -> None:
    """Other facts than those said fail the rule."""
    with pytest.raises(AssertionError):
        spec(DECIDER).when("start").then(QuoteDeclined(offer=1))


def test_a_fact_too_many_fails() -> None:
    """A fact where none is said fails the rule."""
    with pytest.raises(AssertionError):
        spec(DECIDER).when("start").does_nothing()


def test_another_reason_fails() -> None:
    """A refusal for another reason fails the rule."""
    with pytest.raises(AssertionError):
        spec(DECIDER).when("refuse").refuses(TooEarly)


def test_a_rule_needs_a_command() -> None:
    """A rule without its when is half a sentence, and fails."""
    with pytest.raises(AssertionError, match="say when"):
        spec(DECIDER).given(ProjectStarted()).does_nothing()
