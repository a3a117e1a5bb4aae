"""A story tells causes before what they caused, whatever the clocks said."""

from hypothesis import given
from hypothesis import strategies as st

from ops.story import in_causal_order
from tests.unit.ops.facts import fact


def numbers(*facts: object) -> list[int]:
    """The numbers of the facts, in the order they are told."""
    return [one.position for one in in_causal_order(facts)]  # type: ignore[arg-type]  # ShownFacts


def test_time_orders_what_nothing_else_does() -> None:
    """Facts that have nothing to do with each other are told by their time."""
    assert numbers(fact(3, "billing"), fact(1), fact(2, "retention")) == [1, 2, 3]


def test_cause_comes_first_although_its_clock_was_late() -> None:
    """A service whose clock was behind cannot answer before it was asked."""
    answer, question = fact(1, "billing", cause=5), fact(5)
    assert numbers(answer, question) == [5, 1]


def test_stream_keeps_its_order_although_the_clock_went_back() -> None:
    """Facts of one service's record are told by their version."""
    assert numbers(fact(9, version=1), fact(2, version=2), fact(4, version=3)) == [9, 2, 4]


def test_cause_that_is_not_there_holds_nothing_up() -> None:
    """A cause outside the story is no reason to leave a fact out."""
    assert numbers(fact(2, cause=77)) == [2]


@given(st.permutations(range(1, 9)), st.data())
def test_every_fact_is_told_once_after_its_cause(order: list[int], data: st.DataObject) -> None:
    """However the facts come in, each is told once, none before its cause."""
    causes = {n: data.draw(st.integers(0, n - 1)) for n in range(1, 9)}
    facts = [fact(n, f"service {n}", cause=causes[n] or None) for n in order]
    told = [one.position for one in in_causal_order(facts)]
    assert sorted(told) == sorted(order)
    assert all(told.index(causes[n]) < told.index(n) for n in told if causes[n])
