"""Evidence is measured, kept for a moment, and never guessed."""

import pytest

from libs.doors.evidence import Evidence
from libs.events.errors import Unavailable
from libs.policy.checks import CHECKS
from libs.policy.evidence import CheckResult
from libs.policy.loader import load_policy
from tests.unit.libs.doors.conftest import NOW

CHECK = next(name for name, check in CHECKS.items() if "quotes" in check.services)


async def test_evidence_runs_each_check_and_keeps_the_answer_for_a_moment() -> None:
    """A crowd at the door costs one measurement."""
    runs: list[str] = []

    async def check() -> CheckResult:
        runs.append(CHECK)
        return CheckResult(check=CHECK, verdict="kept", measured_at=NOW)

    evidence = Evidence(load_policy(), "quotes", {CHECK: check})
    first, second = await evidence.document(), await evidence.document()
    assert first == second
    assert first.service == "quotes"
    assert runs == [CHECK]


async def test_evidence_is_unavailable_when_a_check_cannot_read_its_state() -> None:
    """Not known is not the same as kept."""

    async def check() -> CheckResult:
        raise Unavailable

    with pytest.raises(Unavailable):
        await Evidence(load_policy(), "quotes", {CHECK: check}).document()
