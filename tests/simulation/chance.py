"""A world that goes on at random: people, staff, timers, slow work, deaths, repeats, outages."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from tests.simulation import clients
from tests.simulation.course import A_MOMENT, Course
from tests.simulation.exploring import drain_for_ever
from tests.simulation.pairs import NOON
from tests.simulation.promises import check_rest, check_step
from tests.simulation.services import hear
from tests.simulation.shapes import named
from tests.simulation.stepping import Task
from tests.simulation.world import World

STEPS = 350
PEOPLE = ("anna@canary.example", "bo@canary.example")
FIRST_RECORD = 0xA00000
FIRST_ERASURE = 0xE00000
FIRST_ASKED = 0xB00000
VISITOR = UUID(int=0xC00001)
LITTLE = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 20))
MUCH = tuple(timedelta(days=days) for days in (1, 29, 40, 370, 3000))


@dataclass
class ByChance:
    """One run of a seed; the same seed goes the same way.

    Shape: `seen` counts what happened, so that a run can be told from one that did nothing.
    """

    seed: int
    world: World = field(default_factory=lambda: World(NOON))
    seen: Counter[str] = field(default_factory=Counter)
    _count: int = 0

    def __post_init__(self) -> None:
        """Begin with nothing but the seed."""
        self.random = Random(self.seed)
        self.course = Course(self.world, any_effect=True)
        self.records: list[UUID] = []

    def run(self, steps: int = STEPS) -> None:
        """Go on at random; then heal, drain, and look; then let everything come to its end."""
        for _ in range(steps):
            self._happen()
        self._heal()
        self._drain()
        check_rest(self.world, {})
        self.seen.update(fact.name for said in self.world.said.values() for fact in said)
        self.seen.update(f"client {outcome}" for outcome in self.course.outcomes.values())
        drain_for_ever(Course(self.world))

    def _happen(self) -> None:
        if not self.world.shelf.is_up and self.random.random() < BACK_UP:
            self._heal()
        happening = self.random.choices(tuple(CHANCES), tuple(CHANCES.values()))[0]
        getattr(self, happening)()

    def _step(self) -> None:
        tasks = self.course.next_tasks()
        if not tasks:
            return self._someone_comes()
        self._take(self.random.choice(tasks))
        return None

    def _take(self, task: Task) -> None:
        before = self.world.copied()
        self.course.tasks[task.name] = task
        self.course.take(task)
        check_step(before, self.world)
        self.seen["steps"] += 1

    def _someone_comes(self) -> None:
        now = self.world.now
        task = self._wish(now, self.random.choice(self.records) if self.records else None)
        self.seen[task.name.split(" ")[0]] += 1
        self.course.begin(replace(task, name=f"{task.name} {self._next(0).int}"))

    def _wish(self, now: datetime, record: UUID | None) -> Task:
        kinds = self.random.choices(tuple(WISHES), tuple(WISHES.values()))
        if record is None or kinds[0] == "request":
            return self._request(now)
        if kinds[0] in OF_A_RECORD:
            return OF_A_RECORD[kinds[0]](record, now)
        return self._of_nobody_known(kinds[0], now)

    def _of_nobody_known(self, kind: str, now: datetime) -> Task:
        person = self.random.choice(PEOPLE)
        if kind == "erase person":
            return clients.erase_person(self._next(FIRST_ERASURE), now, email=person)
        if kind == "ask erasure":
            return clients.ask_erasure(self._next(FIRST_ASKED), now, email=person)
        if kind == "erase":
            record = self.random.choice(self.records)
            return clients.erase(self._next(FIRST_ERASURE), now, record)
        return TIMERS[kind](now, f"{kind} {self._next(0).int}")

    def _request(self, now: datetime) -> Task:
        record = self._next(FIRST_RECORD)
        self.records = [*self.records[-3:], record]
        return clients.request(record, now, email=self.random.choice(PEOPLE))

    def _next(self, first: int) -> UUID:
        self._count += 1
        return UUID(int=first + self._count)

    def _something_dies(self) -> None:
        if self.course.under_way:
            self.course.lose(self.random.choice(sorted(self.course.under_way)))
            self.seen["deaths"] += 1

    def _a_message_comes_again(self) -> None:
        heard = [channel for channel, one in self.world.progress.items() if one.last_version]
        if not heard:
            return
        consumer, owner, record = self.random.choice(sorted(heard))
        upto = self.world.progress[consumer, owner, record].last_version
        fact = self.random.choice(self.world.story(owner, record)[:upto])
        name = f"{consumer} hears {fact.owner} {named(fact)} again {self._next(0).int}"
        self.course.begin(Task(name, consumer, self.world.now + A_MOMENT, partial(hear, fact=fact)))
        self.seen["repeats"] += 1

    def _the_keyring_goes(self) -> None:
        self.world.shelf.is_up = False
        self.seen["outages"] += 1

    def _a_little_time_passes(self) -> None:
        self.world.now += self.random.choice(LITTLE)

    def _much_time_passes(self) -> None:
        """Days or years, between which everything that was begun comes to rest."""
        self._heal()
        self._drain()
        check_rest(self.world, {})
        self.world.now += self.random.choice(MUCH)
        self.seen["long times"] += 1

    def _heal(self) -> None:
        self.world.shelf.is_up = True

    def _drain(self) -> None:
        while tasks := self.course.next_tasks():
            self._take(self.random.choice(tasks))


CHANCES = {
    "_step": 845,
    "_someone_comes": 80,
    "_something_dies": 25,
    "_a_message_comes_again": 20,
    "_the_keyring_goes": 10,
    "_a_little_time_passes": 12,
    "_much_time_passes": 8,
}
"""How often each thing happens."""

BACK_UP = 0.1
"""How likely an outage of the keyring ends before the next step."""

WISHES = {
    "request": 2,
    "offer": 4,
    "accept": 6,
    "start": 3,
    "complete": 3,
    "erase": 1,
    "erase person": 1,
    "ask erasure": 1,
    "take back": 1,
    "let go": 1,
    "let go at consent": 1,
    "sweep": 1,
    "choose": 1,
}
"""How often people, staff and timers want each thing."""

OF_A_RECORD: dict[str, Callable[[UUID, datetime], Task]] = {
    "offer": clients.offer,
    "accept": clients.accept,
    "start": clients.start,
    "complete": clients.complete,
}
TIMERS: dict[str, Callable[[datetime, str], Task]] = {
    "take back": lambda now, name: clients.take_back(now, name=name),
    "let go": lambda now, name: clients.let_go(now, name=name),
    "let go at consent": lambda now, name: clients.let_go_at_consent(now, name=name),
    "sweep": lambda now, name: clients.sweep(now, name=name),
    "choose": lambda now, name: clients.choose(VISITOR, now, name=name),
}
