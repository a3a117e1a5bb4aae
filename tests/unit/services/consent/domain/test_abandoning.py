"""The rule that what was never kept is said to be so, once."""

from libs.events.vocabulary.scrubbing import RecordAbandoned
from services.consent.domain.abandoning import ABANDONING, Abandon
from tests.unit.services.consent.facts import chosen


def test_record_without_a_fact_is_abandoned_once() -> None:
    """Its first fact says that nothing came of it; asked again, it says nothing."""
    said = ABANDONING.decide(Abandon(), ABANDONING.initial)
    assert said == (RecordAbandoned(),)
    assert ABANDONING.decide(Abandon(), ABANDONING.fold(said)) == ()


def test_record_with_a_fact_is_left_alone() -> None:
    """What was kept is never abandoned."""
    assert ABANDONING.decide(Abandon(), ABANDONING.fold((chosen(),))) == ()
