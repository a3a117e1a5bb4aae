"""A rebuild takes each fact once, in order, and notices a hole."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.replay_seen import REPEAT, Seen
from libs.events.replay_wanted import ReplayRefused
from libs.events.vocabulary.quotes import ProjectStarted
from tests.unit.libs.events.facts import facts_of

FACTS = facts_of(UUID(int=1), *[ProjectStarted()] * 8)


@given(st.lists(st.integers(min_value=0, max_value=7), max_size=20))
def test_going_back_changes_nothing(steps_back: list[int]) -> None:
    """Whatever was sent again, a rebuild folds every fact once and in order."""
    seen, taken, read = Seen(), 0, 0
    for back in [*steps_back, 0]:
        start = max(0, taken - back)
        batch = FACTS[start : taken + 1]
        fresh = seen.fresh(batch)
        assert [fact.version for fact in fresh] == list(range(taken + 1, start + len(batch) + 1))
        read += len(batch)
        taken += len(fresh)
    assert seen.left_out[REPEAT] == read - taken


def test_a_hole_stops_the_rebuild() -> None:
    """A fact that is missing on the topic is named, and no view is built around it."""
    seen = Seen()
    seen.fresh(FACTS[:2])
    with pytest.raises(ReplayRefused, match="jumps from version 2 to 4"):
        seen.fresh(FACTS[3:])
