"""What is drawn from a seed, and what answers mean."""

import pytest

from tests.storm.history import Outcome, outcome_of
from tests.storm.schedule import TARGETS, Kind, draw_schedule

MINUTES = 600.0


def test_a_seed_repeats_its_faults() -> None:
    """The same seed gives the same faults, another one others."""
    assert draw_schedule(7, MINUTES) == draw_schedule(7, MINUTES)
    assert draw_schedule(7, MINUTES) != draw_schedule(8, MINUTES)


def test_every_kind_of_fault_comes() -> None:
    """A storm of some minutes leaves out no kind, and hits only what can be hit so."""
    faults = draw_schedule(1, MINUTES)
    assert {fault.kind for fault in faults} == set(Kind)
    assert all(fault.target in TARGETS[fault.kind] for fault in faults)
    assert [fault.at_seconds for fault in faults] == sorted(one.at_seconds for one in faults)


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ([201], Outcome.OK),
        ([0, 503, 200], Outcome.OK),
        ([409], Outcome.FAIL),
        ([0, 409], Outcome.UNKNOWN),
        ([503], Outcome.UNKNOWN),
        ([0], Outcome.UNKNOWN),
    ],
)
def test_a_refusal_after_silence_is_unclear(statuses: list[int], outcome: Outcome) -> None:
    """What became of a try that nobody answered is not known from a later refusal."""
    assert outcome_of(statuses) is outcome
