"""A world and the work under way in it: what can go on next, and what comes of one step."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from libs.events.errors import Conflict, Refused, Unavailable
from libs.events.recorded import Recorded
from libs.events.values import Owner
from tests.simulation.services import carry_out, hear
from tests.simulation.shapes import named
from tests.simulation.stepping import NONE, Answers, Finished, Live, Task
from tests.simulation.world import Owed, World

A_MOMENT = timedelta(seconds=1)


@dataclass
class Course:
    """One way that things may go: the world, who is at what, and how clients fared.

    Shape: `under_way` holds the answers each piece of work has had, by its name. Effects of a
           service run in their order, unless `any_effect`: one that fails is put off.
    """

    world: World
    tasks: dict[str, Task] = field(default_factory=dict)
    under_way: dict[str, Answers] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    lives: dict[str, Live] = field(default_factory=dict)
    any_effect: bool = False

    def begin(self, *tasks: Task) -> "Course":
        """Let these clients begin."""
        for task in tasks:
            self.tasks[task.name] = task
            self.under_way[task.name] = NONE
        return self

    def next_tasks(self) -> list[Task]:
        """Everything that can take its next step now, in a fixed order."""
        found = {name: self.tasks[name] for name in self.under_way}
        for task in self._new_tasks():
            found.setdefault(task.name, task)
        return [found[name] for name in sorted(found)]

    def _new_tasks(self) -> Iterator[Task]:
        for consumer, fact in self.world.waiting():
            yield self._hearing(consumer, fact)
        for owner, owed in self.world.owed.items():
            for one in owed if self.any_effect else owed[:1]:
                yield self._paying(owner, self.world.said[owner][one.position - 1], one)

    def _hearing(self, consumer: Owner, fact: Recorded) -> Task:
        name = f"{consumer} hears {fact.owner} {named(fact)}"
        at = max(self.world.now, fact.recorded_at) + A_MOMENT
        return Task(name, consumer, at, partial(hear, fact=fact))

    def _paying(self, owner: Owner, fact: Recorded, owed: Owed) -> Task:
        name = f"{owner} owes {owed.effect} {named(fact)}"
        at = max(self.world.now, fact.recorded_at) + A_MOMENT
        return Task(name, owner, at, partial(carry_out, fact=fact, effect=owed.effect), owed=owed)

    def after(self, task: Task) -> "Course":
        """The course that follows from the next step of this work; this one stays as it is."""
        course = type(self)(
            self.world.copied(),
            {**self.tasks, task.name: task},
            dict(self.under_way),
            dict(self.outcomes),
            dict(self.lives),
        )
        course.take(task)
        return course

    def _live(self, task: Task) -> Live:
        """The work where it stands: the one at hand if no other course went on with it."""
        answers = self.under_way.get(task.name, NONE)
        live = self.lives.pop(task.name, None)
        return live if live and live.answers is answers else Live.resumed(task, answers)

    def take(self, task: Task) -> None:
        """Take one step of this work, and let the world go on with it."""
        try:
            live = self._live(task)
            live.step(self.world)
            self.under_way[task.name], self.lives[task.name] = live.answers, live
        except Finished as end:
            self._end(task, end.outcome)
        except (Refused, Conflict, Unavailable) as error:
            self._stop(task, error)

    def lose(self, name: str) -> None:
        """The process of this work dies: what it knew is gone, what it kept stays."""
        self.under_way.pop(name, None)
        self.lives.pop(name, None)
        if self.tasks[name].is_client:
            self.outcomes[name] = "lost"

    def _end(self, task: Task, outcome: str) -> None:
        self.under_way.pop(task.name, None)
        if task.is_client:
            self.outcomes[task.name] = outcome
        if task.owed is not None:
            left = self.world.owed[task.owner]
            self.world.owed[task.owner] = tuple(one for one in left if one != task.owed)

    def _stop(self, task: Task, error: Exception) -> None:
        """A client is told; work that is owed begins again later."""
        if not task.is_client and not isinstance(error, Conflict | Unavailable):
            message = f"{task.name} failed: {error!r}"
            raise AssertionError(message) from error
        self.under_way.pop(task.name, None)
        if task.is_client:
            self.outcomes[task.name] = type(error).__name__

    def mark(self) -> tuple[Any, ...]:
        """The same for two courses from which the same can follow."""
        return (
            self.world.mark(),
            frozenset((name, answers.mark) for name, answers in self.under_way.items()),
            frozenset(self.outcomes.items()),
        )
