"""Two things at once: an erasure under way, and whatever else may happen to the same record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.simulation import clients
from tests.simulation.course import Course
from tests.simulation.exploring import drained
from tests.simulation.promises import check_step
from tests.simulation.stepping import Task
from tests.simulation.world import World

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A_YEAR_ON = datetime(2027, 6, 1, 12, tzinfo=UTC)
HOLD_IS_OVER = datetime(2034, 1, 2, 12, tzinfo=UTC)
RECORD = UUID(int=0xA00001)
ASKED = UUID(int=0xA00002)
ERASURE = UUID(int=0xE00001)
SECOND = UUID(int=0xE00002)
LATER = timedelta(minutes=30)


@dataclass(frozen=True)
class Pair:
    """What was before, and what then happens at once.

    Shape: `echoes` is work that touches nothing contested here: it is done as soon as it can be;
           `at_end` looks at every end for what only this pair promises; `check` looks at steps.
    """

    before: Callable[[], Course]
    tasks: tuple[Task, ...]
    echoes: tuple[str, ...] = ()
    at_end: Callable[[Course], None] = lambda _: None
    check: Callable[[Any, Any], None] = check_step


def after(*tasks: Task, world: World | None = None) -> Course:
    """The course after these, each of them done and heard before the next."""
    course = Course(world or World(NOON))
    for task in tasks:
        course.world.now = task.at
        course = drained(course.begin(task))
    refused = {name: one for name, one in course.outcomes.items() if one != "done"}
    assert not refused, refused
    return Course(course.world)


def stepped(course: Course, name: str) -> Course:
    """The course when work whose name begins so was done, and nothing else."""
    while tasks := [task for task in course.next_tasks() if task.name.startswith(name)]:
        course = course.after(tasks[0])
    return course


def offered() -> Course:
    """A quote with an offer."""
    return after(clients.request(RECORD, NOON), clients.offer(RECORD, NOON))


def unheard() -> Course:
    """A quote with an offer, of which nobody else has heard yet."""
    course = Course(World(NOON))
    for task in (clients.request(RECORD, NOON), clients.offer(RECORD, NOON)):
        course = stepped(course.begin(task), task.name)
    return Course(stepped(course, "quotes owes").world)


def ordered() -> Course:
    """An order with its hold."""
    return after(
        clients.request(RECORD, NOON),
        clients.offer(RECORD, NOON),
        clients.accept(RECORD, NOON),
    )


def working() -> Course:
    """An order that is worked on."""
    return after(
        clients.request(RECORD, NOON),
        clients.offer(RECORD, NOON),
        clients.accept(RECORD, NOON),
        clients.start(RECORD, NOON),
    )


def accepted_unheard() -> Course:
    """An order that only quotes knows of: its hold has no date yet."""
    return Course(stepped(offered().begin(clients.accept(RECORD, NOON)), "accept").world)


def hold_over() -> Course:
    """An order whose hold has passed its last day, which nobody has noticed yet."""
    course = ordered()
    course.world.now = HOLD_IS_OVER
    return course


def released() -> Course:
    """Work delivered when its hold was over: released at billing, not invoiced, the key stands."""
    course = working()
    course.world.now = HOLD_IS_OVER
    course.begin(clients.sweep(HOLD_IS_OVER, name="sweep that tells the end"))
    course = stepped(stepped(course, "sweep that tells the end"), "billing hears")
    course.begin(clients.complete(RECORD, HOLD_IS_OVER + LATER))
    return Course(stepped(course, "complete").world)


def _erasing(*tasks: Task, at: datetime = NOON) -> tuple[Task, ...]:
    return (clients.erase(ERASURE, at, RECORD), *tasks)


QUOTES_ECHO = ("quotes hears", "retention hears quotes")
BILLING_ECHOES = ("billing hears", "billing owes", "retention hears billing")

ORDERS: dict[str, Pair] = {
    "order accepted": Pair(offered, _erasing(clients.accept(RECORD, NOON))),
    "acceptance taken for lost": Pair(
        offered,
        _erasing(clients.accept(RECORD, NOON), clients.take_back(NOON + LATER)),
        BILLING_ECHOES,
    ),
    "invoice issued": Pair(
        working, _erasing(clients.complete(RECORD, A_YEAR_ON), at=A_YEAR_ON), QUOTES_ECHO
    ),
}
"""Orders and invoices against an erasure under way."""

HOLDS: dict[str, Pair] = {
    "hold placed late": Pair(accepted_unheard, _erasing()),
    "hold released": Pair(
        hold_over, _erasing(clients.sweep(HOLD_IS_OVER), at=HOLD_IS_OVER), QUOTES_ECHO
    ),
    "invoice after the release": Pair(released, (clients.sweep(HOLD_IS_OVER),), QUOTES_ECHO),
}
"""Holds against an erasure under way."""

MESSAGES: dict[str, Pair] = {
    "intake": Pair(
        lambda: Course(World(NOON)),
        (clients.request(RECORD, NOON), clients.erase_person(ERASURE, NOON)),
    ),
    "request taken for lost": Pair(
        lambda: Course(World(NOON)),
        (
            clients.request(RECORD, NOON),
            clients.let_go(NOON + LATER),
            clients.erase_person(ERASURE, NOON),
        ),
    ),
    "offer sent": Pair(
        lambda: after(clients.request(RECORD, NOON)), _erasing(clients.offer(RECORD, NOON))
    ),
    "late message": Pair(unheard, _erasing()),
    "second erasure": Pair(offered, _erasing(clients.erase(SECOND, NOON, RECORD))),
    "erasure asked for by the person": Pair(
        offered,
        _erasing(clients.ask_erasure(ASKED, NOON)),
        ("billing hears", "retention hears billing"),
    ),
    "sweep": Pair(offered, _erasing(clients.sweep(A_YEAR_ON), at=A_YEAR_ON)),
    "rebuild": Pair(offered, _erasing(clients.rebuild(NOON))),
}
"""Everything else against an erasure under way."""

PAIRS = ORDERS | HOLDS | MESSAGES

NUMBERED: dict[str, tuple[str, ...]] = {
    "F59": ("second erasure",),
    "F60": ("intake", "late message"),
    "F61": ("order accepted", "acceptance taken for lost"),
    "F62": ("invoice issued", "hold placed late", "invoice after the release"),
    "F74": ("hold released", "sweep"),
}
"""The pairs that stand for a fault of the fault table; `tests/faults` sweeps them."""

UNNUMBERED = {
    name: pair for name, pair in PAIRS.items() if name not in set().union(*NUMBERED.values())
}
"""All other pairs, which are swept here."""
