"""What a checker says: how much it looked at, and each place where the promise does not hold."""

from dataclasses import dataclass, field

SHOWN = 5


@dataclass
class Verdict:
    """One invariant, checked; one that looked at nothing does not hold."""

    name: str
    promise: str
    checked: int = 0
    violations: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether something was looked at and nothing was wrong."""
        return self.checked > 0 and not self.violations

    def demand(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
        """Look at one place; note it when it is wrong."""
        self.checked += 1
        if not holds:
            self.violations.append(otherwise)

    def lines(self) -> list[str]:
        """The verdict for people, with the first few places."""
        mark = "✓" if self.holds else "✗"
        seen = f"{self.checked} looked at, {len(self.violations)} wrong"
        more = [f"      {one}" for one in self.violations[:SHOWN]]
        return [f"  {mark} {self.name:<4} {self.promise}: {seen}", *more]
