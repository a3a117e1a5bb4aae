"""The report of a storm: what was done to the system, and whether each promise held."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.storm.faults import Toll
from tests.storm.history import History, Outcome
from tests.storm.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class Report:
    """One storm, told."""

    seed: int
    seconds: float
    history: History
    toll: Toll
    verdicts: Sequence[Verdict]

    @property
    def holds(self) -> bool:
        """Whether every promise held."""
        return all(one.holds for one in self.verdicts)

    @property
    def operations(self) -> int:
        """Writes, looks and repeats together."""
        return self.history.total

    def lines(self) -> list[str]:
        """The report for people."""
        pace = self.operations / max(self.seconds, 1.0)
        ended = ", ".join(f"{self.history.outcomes[one]} {one}" for one in Outcome)
        did = f"{self.operations} operations in {self.seconds:.0f} s ({pace:.0f} a second)"
        toll = f"{self.toll.hit.total()} hit, {self.toll.missed.total()} missed"
        return [
            f"seed {self.seed}: {did}, {self.history.writes.total()} of them writes: {ended}",
            f"faults: {toll}, {self.toll.under_way.total()} writes under way when they hit",
            *self._kinds(),
            *(line for one in self.verdicts for line in one.lines()),
            "every promise held" if self.holds else "NOT every promise held",
        ]

    def _kinds(self) -> list[str]:
        hit = (f"{name} x {count}" for name, count in sorted(self.toll.hit.items()))
        did = (f"{name} {count}" for name, count in sorted(self.history.writes.items()))
        return [f"  {', '.join(hit)}", f"  {', '.join(did)}"]
