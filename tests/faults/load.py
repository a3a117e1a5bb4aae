"""Steady traffic on a whole stack while something happens to it, and every promise checked after.

Shape: the clients, the traffic and the checks are those of the storm.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from deploy.native.stack import SERVICES, Stack
from ops.measuring import measure
from ops.stack_clock import stack_clock
from tests.faults.appending import QUERIES
from tests.integration.libs.events.pieces import until
from tests.storm import course, forgetting, transport
from tests.storm.callers import Caller
from tests.storm.healing import drain, heal
from tests.storm.history import History, Outcome
from tests.storm.reading import read_everything
from tests.storm.traffic import walk_for_ever

CLIENTS = 6
GOES_ON_SECONDS = 120.0
DRAIN_SECONDS = 180.0
READS = 3
"""How often the stores are read: one after another, so that what a timer says now is half seen."""

LEASE_SECONDS = 3.0
AT_LEISURE = {"I10"}
NOT_HERE = {"I20"}
"""What only many answers tell: the storm compares those to the known and to the unknown."""

STOP_SECONDS = 120.0


@dataclass
class Load:
    """The clients of one stack, and what they were told."""

    stack: Stack
    history: History
    caller: Caller

    async def goes_on(self, writes: int = 10) -> None:
        """Wait until so many more writes were accepted."""
        await self._ends(Outcome.OK, writes)

    async def is_held_up(self, writes: int = 3, *, seconds: float = GOES_ON_SECONDS) -> None:
        """Wait until so many more writes ended without a clear answer."""
        await self._ends(Outcome.UNKNOWN, writes, seconds)

    async def _ends(self, outcome: Outcome, writes: int, seconds: float = GOES_ON_SECONDS) -> None:
        wanted = self.history.outcomes[outcome] + writes

        async def reached() -> bool:
            return self.history.outcomes[outcome] >= wanted

        await until(reached, seconds=seconds)

    async def settled(
        self, *, in_haste: bool = False, without: frozenset[str] = frozenset()
    ) -> str:
        """Everything healed, drained and checked; gives the figure for the table.

        Shape: in haste nobody waits for the lease of a lost worker, nor until the hold of an
        acceptance that was never recorded is taken back; so I10 is checked at leisure only.
        `without` names checks that the fault itself misleads.
        Raises: AssertionError, with each promise that does not hold.
        """
        assert await heal(self.stack), "not every part came back"
        left_out = NOT_HERE | without | (AT_LEISURE if in_haste else set())
        broken: list[str] = []
        for _ in range(READS):
            broken = await self._broken(left_out, in_haste=in_haste)
            if not broken:
                break
        assert not broken, "\n".join(broken)
        told = self.history.outcomes
        return f"{told.total()} writes, {told[Outcome.UNKNOWN]} unclear, 0 lost, 0 doubled"

    async def _broken(self, left_out: set[str], *, in_haste: bool) -> list[str]:
        """What does not hold now; a timer may have said something between two stores."""
        drained = await (_drain_in_haste if in_haste else drain)(self.stack)
        dump = await read_everything(self.stack)
        verdicts = [
            *course._verdicts(self.history, dump),
            transport.check_offsets(dump, []),
            transport.check_liveness(dump, drained=drained, waited_seconds=0.0),
            forgetting.check_gone(dump, {}),
        ]
        wrong = [one for one in verdicts if not one.holds and one.name not in left_out]
        return [line for one in wrong for line in one.lines()]


async def _drain_in_haste(stack: Stack) -> bool:
    """Wait until nothing is unsent, unheard, owed or under way."""
    haste = asyncio.create_task(end_leases(stack))
    try:
        await until(lambda: _nothing_waits(stack), seconds=DRAIN_SECONDS)
    except TimeoutError:
        return False
    finally:
        haste.cancel()
    return True


async def _nothing_waits(stack: Stack) -> bool:
    waiting, erasures = await measure(stack, stack_clock(stack).now())
    return erasures.under_way == 0 and all(
        one.outbox_rows == 0
        and one.effects_waiting == 0
        and one.lag is not None
        and not any(one.lag.values())
        for one in waiting
    )


async def end_leases(stack: Stack) -> None:
    """Let every effect that is owed be taken up soon, also by two at once."""
    connections = [
        await asyncpg.connect(stack.database_url("superuser", service)) for service in SERVICES
    ]
    try:
        while True:
            for connection in connections:
                await connection.execute(QUERIES["end_leases"])
            await asyncio.sleep(LEASE_SECONDS)
    finally:
        for connection in connections:
            connection.terminate()


@asynccontextmanager
async def loaded(stack: Stack, *, seed: str, clients: int = CLIENTS) -> AsyncIterator[Load]:
    """Traffic that flows until the end of the block; then the clients have hung up.

    Shape: `seed` draws what the clients do; no two loads on one stack have the same.
    """
    history = History()
    load = Load(stack, history, Caller(stack, history))
    stopped = asyncio.Event()
    walks = [
        asyncio.create_task(walk_for_ever(load.caller, f"{seed}:{number}", stopped))
        for number in range(clients)
    ]
    try:
        yield load
    finally:
        stopped.set()
        await asyncio.wait_for(asyncio.gather(*walks), STOP_SECONDS)
        await load.caller.close()
