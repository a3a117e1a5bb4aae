"""What the checks of billing have in common: a verdict, and the shape of their result."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from libs.events.clock import Clock
from libs.policy.evidence import CheckResult, Measured

EXAMPLES_MAX = 20
NOTHING_YET = "There is nothing of this kind yet."


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check saw.

    Shape: `bad` are ids that show a breach; `is_broken` where a breach has no id of its own.
    """

    looked_at: int
    bad: Collection[str]
    figures: Mapping[str, int]
    reason: str = ""
    is_broken: bool = False


def result(check: str, finding: Finding, clock: Clock) -> CheckResult:
    """The finding as the result of this check."""
    return CheckResult(
        check=check,
        verdict=_verdict(finding),
        measured_at=clock.now(),
        figures=dict(finding.figures),
        events=tuple(sorted(finding.bad)[:EXAMPLES_MAX]),
        reason=finding.reason if finding.looked_at else NOTHING_YET,
    )


def _verdict(finding: Finding) -> Measured:
    if finding.bad or finding.is_broken:
        return "broken"
    return "kept" if finding.looked_at else "nothing_to_check"
