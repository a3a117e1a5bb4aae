"""One piece of work, stepped from port call to port call, and taken up again from its answers."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from libs.events.clock import FixedClock
from libs.events.ids import CountedIds
from libs.events.values import Owner
from tests.simulation.asking import READ, WRITE, Ask, Spot
from tests.simulation.shapes import shape
from tests.simulation.world import Owed, World

Body = Callable[[Spot], Coroutine[Any, Any, Any]]


@dataclass(frozen=True)
class Task:
    """Work to do: whose, from when, what; its name is the same in every interleaving.

    Shape: `owed` is the effect that is paid when it ends; a `client` may be refused.
    """

    name: str
    owner: Owner
    at: datetime
    body: Body
    owed: Owed | None = None
    is_client: bool = False

    def spot(self) -> Spot:
        """Where it runs."""
        first = int.from_bytes(blake2b(self.name.encode(), digest_size=6).digest(), "big") << 10
        return Spot(self.owner, FixedClock(self.at), CountedIds(first))


@dataclass(frozen=True)
class Raised:
    """A port call that was answered with an error."""

    error: Exception


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers that a piece of work has had; the mark is the same for the same answers."""

    all: tuple[Any, ...] = ()
    mark: int = 0

    def and_then(self, answer: Any) -> "Answers":
        """These, and one more."""
        return Answers((*self.all, answer), hash((self.mark, shape(answer))))


NONE = Answers()
"""Where work begins."""


class Finished(Exception):
    """The work came to its end with this outcome."""

    def __init__(self, outcome: str) -> None:
        """End so."""
        super().__init__(outcome)
        self.outcome = outcome


class Live:
    """A running piece of work, standing before its next port call.

    Raises: Finished, from `resume` and `answer`, when there is no next one; whatever the work
            raises that is not refused to a client.
    """

    def __init__(self, task: Task) -> None:
        """Begin, up to the first port call."""
        self.task = task
        self.answers = NONE
        self._coroutine = task.body(task.spot())
        self.asks = self._send(None)

    @classmethod
    def resumed(cls, task: Task, answers: Answers) -> "Live":
        """The work as it stood after these answers."""
        live = cls(task)
        for answer in answers.all:
            live._go_on(answer)
        live.answers = answers
        return live

    def step(self, world: World) -> None:
        """Make the next port call, and those that are one with it.

        Why: a load that is followed by a write of the same record at the loaded version is as one
             moment, because anything between makes a conflict and a new try.
        """
        while True:
            asked = self.asks
            self.answer(perform(world, asked))
            if not _is_one_with(asked, self.asks):
                return

    def answer(self, answer: Any) -> None:
        """Go on with this answer to the next port call."""
        self.answers = self.answers.and_then(answer)
        self._go_on(answer)

    def _go_on(self, answer: Any) -> None:
        self.asks = self._send(answer)

    def _send(self, answer: Any) -> Ask:
        try:
            if isinstance(answer, Raised):
                asks: Ask = self._coroutine.throw(answer.error.with_traceback(None))
            else:
                asks = self._coroutine.send(answer)
        except StopIteration as done:
            raise Finished(_said(done.value)) from None
        return asks


def _said(outcome: Any) -> str:
    return outcome if isinstance(outcome, str) else "done"


def perform(world: World, ask: Ask) -> Any:
    """The world's answer, an error included."""
    try:
        return world.perform(ask)
    except AssertionError:
        raise
    except Exception as error:  # noqa: BLE001 - the work is told, as by a real port
        return Raised(error)


def _is_one_with(asked: Ask, asks: Ask) -> bool:
    if asked.port == "progress":
        return True
    if (asked.port, asked.call, asks.call) != (asks.port, READ, WRITE):
        return False
    return {append.record for append in asks.arguments} <= set(asked.arguments)
