"""What the clients did and were told, kept outside the system under test; no personal value."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path


class Outcome(StrEnum):
    """What a client knows of an operation: done, not done, or neither."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing a client asked for, all its tries together.

    Shape: `trace` is carried into every fact that follows, so it joins the history to the logs.
    Units: seconds since the storm began.
    """

    kind: str
    trace: str
    key: str
    record: str | None
    outcome: Outcome
    status: int
    tries: int
    began_seconds: float
    took_seconds: float


@dataclass
class History:
    """Everything the clients did, and what they found wrong on the spot."""

    operations: list[Operation] = field(default_factory=list)
    under_way: int = 0
    unequal_answers: list[str] = field(default_factory=list)
    unseen_writes: list[str] = field(default_factory=list)
    broken_doors: list[str] = field(default_factory=list)
    answers: int = 0
    repeats: int = 0
    looks: int = 0

    def count(self, outcome: Outcome) -> int:
        """How many operations ended like this."""
        return sum(one.outcome is outcome for one in self.operations)

    def write(self, path: Path) -> None:
        """Keep it, one operation a line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            for one in self.operations:
                file.write(json.dumps(asdict(one)) + "\n")


def outcome_of(statuses: Sequence[int]) -> Outcome:
    """What the answers to all tries of one operation say together; no answer counts as 0.

    Why: a refusal after a try without an answer does not tell what became of that try.
    """
    last = statuses[-1]
    if 200 <= last < 300:
        return Outcome.OK
    is_definite = 400 <= last < 500 and not any(is_unclear(one) for one in statuses)
    return Outcome.FAIL if is_definite else Outcome.UNKNOWN


def is_unclear(status: int) -> bool:
    """Whether an answer leaves open what was done."""
    return status == 0 or status >= 500
