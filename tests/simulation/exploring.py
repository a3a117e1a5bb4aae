"""Every interleaving of the work under way, each state visited once, and all of them counted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.simulation.clients import let_go, let_go_at_consent, sweep, take_back
from tests.simulation.course import Course
from tests.simulation.promises import Broken, check_end, check_rest, check_step
from tests.simulation.stepping import Task

YEARS = tuple(
    timedelta(days=days) for days in (1, 2, 3, 400, 401, 800, 3000, 3001, 3002, 3400, 3401)
)
"""How far the clock is moved when the drain is over: past every term and hold, and days after."""


class TooMany(AssertionError):
    """There are more states than the bound: the sweep is incomplete, so it counts as failed."""


ECHOES = ("consent hears", "retention hears consent", "quotes owes mail_confirmation")
"""What touches nothing that the others touch, so its place among them makes no difference."""


@dataclass
class Exploration:
    """A sweep over all interleavings from one beginning.

    Shape: `echoes` are done as soon as they can be: they touch nothing that the others touch;
           `at_end` looks at each end for what only that pair promises; `check` looks at each step.
    """

    states_max: int = 40_000
    echoes: tuple[str, ...] = ()
    at_end: Callable[[Course], None] = lambda _: None
    check: Callable[[Any, Any], None] = check_step
    steps: int = 0
    ends: int = 0
    ways: dict[tuple[Any, ...], int] = field(default_factory=dict)
    seen_ends: set[str] = field(default_factory=set)

    def run(self, course: Course) -> int:
        """The number of interleavings, every one of them checked at every step."""
        tasks = self._to_try(course)
        digest = course.mark()
        known = self.ways.get(digest)
        if known is not None:
            return known
        if len(self.ways) >= self.states_max:
            message = f"more than {self.states_max} states: the sweep is incomplete"
            raise TooMany(message)
        self.ways[digest] = 0
        self.ways[digest] = ways = self._branches(course, tasks) if tasks else self._end(course)
        return ways

    def _branches(self, course: Course, tasks: list[Task]) -> int:
        return sum(self.run(self._step(course, task)) for task in tasks)

    def _to_try(self, course: Course) -> list[Task]:
        tasks = course.next_tasks()
        echoing = [task for task in tasks if task.name.startswith((*ECHOES, *self.echoes))]
        return echoing[:1] or tasks

    def _step(self, course: Course, task: Task) -> Course:
        self.steps += 1
        after = course.after(task)
        try:
            self.check(course.world, after.world)
        except Broken as broken:
            broken.add_note(f"at: {task.name}")
            raise
        return after

    def _end(self, course: Course) -> int:
        self.ends += 1
        check_rest(course.world, course.outcomes)
        self.at_end(course)
        self.seen_ends.add(
            ", ".join(f"{name}: {it}" for name, it in sorted(course.outcomes.items()))
        )
        drain_for_ever(course)
        return 1

    def figures(self, name: str) -> str:
        """The size of the sweep in one line."""
        return (
            f"{name}: {max(self.ways.values()):,} interleavings in {len(self.ways):,} states, "
            f"{self.steps:,} steps, {self.ends} ends"
        )


def drained(course: Course) -> Course:
    """The course when everything under way was done, in one fixed order."""
    while tasks := course.next_tasks():
        after = course.after(tasks[0])
        check_step(course.world, after.world)
        course = after
    return course


def drain_for_ever(course: Course) -> None:
    """Let all terms and holds pass, with nobody acting but the timers, and look at what is left."""
    began = course.world.now
    for passed in YEARS:
        now = began + passed
        course.world.now = now
        for timer in (take_back, let_go, let_go_at_consent, sweep):
            course = drained(course.begin(timer(now, name=f"{timer.__name__} {passed}")))
        check_rest(course.world, {})
    check_end(course.world)
