"""The storm in its short form: a minute of traffic with a few faults of each kind."""

import asyncio

import pytest

from tests.storm.course import Plan, storm, storm_stack

SEED = 20261123
SECONDS = 60.0
OPERATIONS_MIN = 500


@pytest.mark.timeout(900)
def test_a_minute_of_faults_breaks_no_promise() -> None:
    """Nothing accepted is lost or doubled, nothing erased comes back, all come to an end."""
    with storm_stack("short") as stack:
        report = asyncio.run(storm(stack, Plan.drawn(SEED, SECONDS, clients=16)))
    assert report.holds, "\n".join(report.lines())
    assert report.operations >= OPERATIONS_MIN
    assert report.toll.hit.total() >= report.toll.missed.total()
