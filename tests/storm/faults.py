"""Carries the scheduled faults out, and sees each one take hold."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import asyncpg

from deploy.native.stack import Stack
from tests.storm.asking import QUERIES
from tests.storm.away import AWAY
from tests.storm.bus_noise import repeat_messages, spill_garbage
from tests.storm.history import Heard
from tests.storm.operating import Operating, Rebuilds
from tests.storm.processes import NotHit, Processes, kill_hard
from tests.storm.quiet import Quiet
from tests.storm.schedule import Fault, Kind
from tests.storm.sockets import cut_connections, port_of

KILLS, KILL_GAP_SECONDS = 6, 1.5
CUTS, CUT_GAP_SECONDS = 10, 0.4
CONNECT_SECONDS = 5.0
MISSES = (NotHit, *AWAY)


@dataclass
class Toll:
    """What was hit, what the fault missed, and how many requests were under way then."""

    hit: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    under_way: Counter[str] = field(default_factory=Counter)


class Faults:
    """Hits one stack."""

    def __init__(self, stack: Stack, history: Heard, quiet: Quiet, draw: Random) -> None:
        """Draw what a fault leaves open from `draw`; move the clock when writes are `quiet`."""
        self._stack = stack
        self._history = history
        self._operating = Operating(stack, quiet, draw)
        self._draw = draw
        self._processes = Processes(stack)
        self.toll = Toll()
        self._hands: dict[Kind, Callable[[Fault], Awaitable[None]]] = {
            Kind.KILL: self._kill,
            Kind.PAUSE: self._pause,
            Kind.RESTART_STORM: self._restart_storm,
            Kind.KILL_BACKEND: self._kill_backend,
            Kind.TERMINATE: self._terminate,
            Kind.KILL_RELAY: self._kill_relay,
            Kind.DUPLICATES: self._repeat,
            Kind.GARBAGE: self._spill,
            Kind.CUT: self._cut_connections,
            Kind.CLOCK: lambda _: self._operating.move_clock(),
            Kind.SHRED: lambda _: self._operating.shred(),
        }

    @property
    def rebuilds(self) -> Rebuilds:
        """What became of the rebuilds beside the traffic."""
        return self._operating.rebuilds

    async def run(self, schedule: Sequence[Fault], stopped: asyncio.Event) -> None:
        """Each fault at its time; one that lasts longer lets the next one wait.

        Shape: a rebuild goes on beside the faults that follow.
        """
        began = time.monotonic()
        async with asyncio.TaskGroup() as beside:
            for fault in schedule:
                if await _is_set(stopped, fault.at_seconds - (time.monotonic() - began)):
                    return
                if fault.kind is Kind.REBUILD:
                    beside.create_task(self._hit(fault, stopped))
                else:
                    await self._hit(fault, stopped)

    async def _hit(self, fault: Fault, stopped: asyncio.Event) -> None:
        under_way = self._history.under_way
        name = f"{fault.kind} {fault.target}"
        try:
            if fault.kind is Kind.REBUILD:
                await self._operating.rebuild(fault.target, stopped)
            else:
                await self._hands[fault.kind](fault)
        except MISSES:
            self.toll.missed[name] += 1
        else:
            self.toll.hit[name] += 1
            self.toll.under_way[name] += under_way

    async def _kill(self, fault: Fault) -> None:
        await asyncio.to_thread(self._processes.kill, fault.target)

    async def _pause(self, fault: Fault) -> None:
        def pause() -> None:
            with self._processes.paused(fault.target):
                time.sleep(fault.for_seconds)

        await asyncio.to_thread(pause)

    async def _restart_storm(self, fault: Fault) -> None:
        for _ in range(KILLS):
            await self._kill(fault)
            await asyncio.sleep(KILL_GAP_SECONDS)

    async def _kill_backend(self, fault: Fault) -> None:
        backends = await asyncio.to_thread(self._processes.backends, fault.target)
        if not backends:
            message = f"{fault.target} holds no connection"
            raise NotHit(message)
        await asyncio.to_thread(kill_hard, self._draw.choice(backends))

    async def _terminate(self, fault: Fault) -> None:
        cut = 0
        for _ in range(CUTS):
            cut += await self._cut(fault.target, "cut_backends")
            await asyncio.sleep(CUT_GAP_SECONDS)
        _demand(cut)

    async def _kill_relay(self, fault: Fault) -> None:
        _demand(await self._cut(fault.target, "cut_relay"))

    async def _cut(self, service: str, how: str) -> int:
        address = self._stack.database_url(service, service)
        connection = await asyncpg.connect(address, timeout=CONNECT_SECONDS)
        try:
            cut: int = await connection.fetchval(QUERIES[how], timeout=CONNECT_SECONDS)
        finally:
            connection.terminate()
        return cut

    async def _repeat(self, fault: Fault) -> None:
        await repeat_messages(self._stack, f"{fault.target}.events", self._draw)

    async def _spill(self, fault: Fault) -> None:
        await spill_garbage(self._stack, f"{fault.target}.events", self._draw)

    async def _cut_connections(self, fault: Fault) -> None:
        port = port_of(self._stack.ports, fault.target)
        await asyncio.to_thread(cut_connections, port)


async def _is_set(stopped: asyncio.Event, seconds: float) -> bool:
    """Whether the storm is over before so many seconds are."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopped.wait(), max(0.0, seconds))
    return stopped.is_set()


def _demand(cut: int) -> None:
    if not cut:
        message = "no connection was cut"
        raise NotHit(message)
