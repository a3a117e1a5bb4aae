"""What an operator does in the middle of a storm: lets time pass, shreds, rebuilds, sweeps."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import msgspec

from deploy.native.stack import Stack
from ops.outcome import Away, SaidNo
from ops.service_doors import ServiceDoors
from ops.stack_clock import movable_clock
from tests.storm.processes import NotHit
from tests.storm.quiet import Quiet

CLOCK_DAYS = (2.0, 20.0)
"""How far the clock moves at once; the policy's cap, past which a sweep stops, is 35 days."""

CLOCK_SETTLES_SECONDS = 1.2
"""The clients look at the clock once a second, the services more often."""


@dataclass
class Rebuilds:
    """The views that were rebuilt beside the traffic, and what differed."""

    done: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)


class Operating:
    """An operator's hands on one stack."""

    def __init__(self, stack: Stack, quiet: Quiet, draw: Random) -> None:
        """Draw what is left open from `draw`."""
        self._stack = stack
        self._quiet = quiet
        self._draw = draw
        self.rebuilds = Rebuilds()
        self._rebuilding = False

    async def move_clock(self) -> None:
        """Some days pass while no request is under way."""
        clock = movable_clock(self._stack)
        async with self._quiet.moment():
            clock.advance_to(clock.now() + timedelta(days=self._draw.uniform(*CLOCK_DAYS)))
            await asyncio.sleep(CLOCK_SETTLES_SECONDS)

    async def shred(self) -> None:
        """Begin a shred round.

        Raises: NotHit, when nothing destroyed is recoverable, or retention does not answer.
        """
        retention = ServiceDoors(self._stack, "retention")
        with _answered():
            begun = await asyncio.to_thread(retention.post, "/api/shred")
        if begun["round"] is None:
            message = "nothing is to be shredded"
            raise NotHit(message)

    async def rebuild(self, name: str, stopped: asyncio.Event) -> None:
        """Rebuild a view, named with its service, beside the live one and compare; one at a time.

        Raises: NotHit, when another is under way, or the service broke it off.
        """
        if self._rebuilding:
            message = "another rebuild is under way"
            raise NotHit(message)
        self._rebuilding = True
        try:
            is_equal = await asyncio.to_thread(self._rebuilt, name, stopped)
        finally:
            self._rebuilding = False
        self.rebuilds.done[name] += 1
        if not is_equal:
            self.rebuilds.differing.append(f"{name} differs by a rebuild beside the traffic")

    def _rebuilt(self, name: str, stopped: asyncio.Event) -> bool:
        service, _, view = name.partition(".")
        last: dict[str, object] = {}
        body = {"mode": "verify", "view": view}
        with _answered():
            for step in ServiceDoors(self._stack, service).stream("/ops/replay", body):
                last = step
                if stopped.is_set():
                    break
        if last.get("phase") != "done":
            message = f"the rebuild of {name} broke off"
            raise NotHit(message)
        return last["equal"] is True


def shred_what_is_left(stack: Stack) -> int:
    """Begin a shred round where one is due; gives how many erasures could still be undone.

    Raises: NotHit, when retention does not answer.
    """
    retention = ServiceDoors(stack, "retention")
    with _answered():
        recoverable: int = retention.get("/api/shred")["recoverable"]
        if recoverable:
            retention.post("/api/shred")
    return recoverable


def trust_the_clock(stack: Stack) -> None:
    """Confirm how far the clock has moved, so that a sweep that stopped goes on.

    Raises: NotHit, when retention does not answer.
    """
    retention = ServiceDoors(stack, "retention")
    with _answered():
        retention.post("/api/sweep/confirmation")


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except (Away, SaidNo, msgspec.DecodeError) as error:
        message = f"no whole answer: {error}"
        raise NotHit(message) from error
