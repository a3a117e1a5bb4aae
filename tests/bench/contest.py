"""A row of the table: a subject, its yardstick, and what their ratio must come to."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench.slices import Slice, rate

Side = Callable[[float], Awaitable[Slice]]
"""Works for about that many seconds, on fresh ground, and says what it did."""


@dataclass(frozen=True, kw_only=True)
class Contest:
    """One row of the table of goals.

    Shape: `at_least` tells the direction: a ratio of rates is to be high, one of costs low.
    """

    goal: str
    row: str
    yardstick_is: str
    subject: Side
    yardstick: Side
    must: float
    wanted: float
    at_least: bool = True
    figure: Callable[[Slice], float] = rate
    unit: str = "1/s"

    def ratio(self, subject: Slice, yardstick: Slice) -> float:
        """Subject over yardstick."""
        return self.figure(subject) / self.figure(yardstick)

    def reached(self, ratio: float, line: float) -> bool:
        """Whether a ratio is on the right side of a line."""
        return ratio >= line if self.at_least else ratio <= line


@dataclass(frozen=True, kw_only=True)
class Round:
    """Both sides, seconds apart, and how much the machine swung meanwhile."""

    subject: Slice
    yardstick: Slice
    swing: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """What the rounds of a contest came to."""

    contest: Contest
    rounds: Sequence[Round]
    thrown_away: int = 0
    ratios: Sequence[float] = field(init=False)

    def __post_init__(self) -> None:
        """Each round's ratio, once."""
        found = [self.contest.ratio(one.subject, one.yardstick) for one in self.rounds]
        object.__setattr__(self, "ratios", found)

    @property
    def ratio(self) -> float:
        """The middle of the rounds' ratios."""
        return median(self.ratios)

    @property
    def holds(self) -> bool:
        """Whether the ratio is where it must be."""
        return self.contest.reached(self.ratio, self.contest.must)

    @property
    def reaches_goal(self) -> bool:
        """Whether the ratio is where it is wanted."""
        return self.contest.reached(self.ratio, self.contest.wanted)

    def middle(self, side: str, figure: Callable[[Slice], float]) -> float:
        """The middle round's figure of a side."""
        return median(figure(getattr(one, side)) for one in self.rounds)
