"""G9: how long after the answer at the door another service's view shows the request."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec

from deploy.native.stack import OWNER
from libs.events.queries import load_queries
from tests.bench.contest import Contest
from tests.bench.g01_intake import REQUEST
from tests.bench.lean_caller import LeanCaller, lean_caller
from tests.bench.machine import cpu_seconds
from tests.bench.place import CHECKPOINT, Place
from tests.bench.plain_path import plain_path
from tests.bench.slices import Slice, p50, p99

QUERIES = load_queries(Path(__file__).with_name("freshness.sql"))
EACH_SECOND = 100
LOOK_SECONDS = 0.001
SEEN_SECONDS_MAX = 30.0
FLOOR = "read, produce, fetch, upsert, one after the other"
Act = Callable[[], Awaitable[float]]
"""Does one thing, and says how many seconds after it that was seen."""


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """Quotes and retention at work, and the plain path beside them."""
    async with AsyncExitStack() as open_ones:
        await open_ones.enter_async_context(place.with_services("quotes", "retention"))
        address = open_ones.enter_context(place.plain_database())
        path = await open_ones.enter_async_context(plain_path(place, address))

        async def subject(seconds: float) -> Slice:
            await place.drained(place.stack.database_url(OWNER, "quotes"))
            await place.run_script(CHECKPOINT)
            servers = place.pids("quotes", "quotes-doors", "retention", "postgres", "kafka")
            async with _watching(place) as door:
                return await steadily(door.ask, seconds, servers=servers)

        async def yardstick(seconds: float) -> Slice:
            await path.empty()
            await place.run_script(CHECKPOINT)
            servers = place.pids("postgres", "kafka")
            return await steadily(path.go, seconds, servers=servers)

        yield [
            Contest(
                goal="G9",
                row=f"201 at the door to another service's view, {EACH_SECOND}/s, {name}",
                yardstick_is=FLOOR,
                subject=subject,
                yardstick=yardstick,
                must=must,
                wanted=wanted,
                at_least=False,
                figure=figure,
                unit="s",
            )
            for name, figure, must, wanted in (("p50", p50, 1.5, 1.0), ("p99", p99, 4.0, 2.0))
        ]


async def steadily(act: Act, seconds: float, *, servers: Sequence[int]) -> Slice:
    """So many each second, whether those before are through or not."""
    own, theirs = cpu_seconds([os.getpid()]), cpu_seconds(servers)
    began = time.perf_counter()
    under_way: list[asyncio.Task[float]] = []
    for number in range(round(seconds * EACH_SECOND)):
        await asyncio.sleep(began + number / EACH_SECOND - time.perf_counter())
        under_way.append(asyncio.ensure_future(act()))
    latencies = await asyncio.gather(*under_way)
    return Slice(
        operations=len(latencies),
        seconds=time.perf_counter() - began,
        client_cpu_seconds=cpu_seconds([os.getpid()]) - own,
        server_cpu_seconds=cpu_seconds(servers) - theirs,
        latencies_seconds=latencies,
    )


class Received(msgspec.Struct):
    """What the door answers, as far as it is needed."""

    id: UUID


@dataclass(frozen=True)
class Door:
    """The door that is asked, and the view in which the answers are looked for."""

    caller: LeanCaller
    expected: dict[UUID, "asyncio.Future[float]"]

    async def ask(self) -> float:
        """Ask for a quote; gives how long after the answer the other service showed it."""
        number = str(uuid4())
        answer = await self.caller.ask(REQUEST.replace("{id}", number).encode(), number)
        answered = time.perf_counter()
        record = msgspec.json.decode(answer, type=Received).id
        seen = self.expected[record] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(SEEN_SECONDS_MAX):
            later: float = await seen - answered
        return max(later, 0.0)

    async def look(self, connection: asyncpg.Connection) -> None:
        """Look for what is expected, again and again, while there is something."""
        while True:
            if self.expected:
                for row in await connection.fetch(QUERIES["find_clocks"], list(self.expected)):
                    self.expected.pop(row["record"]).set_result(time.perf_counter())
            await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def _watching(place: Place) -> AsyncIterator[Door]:
    port = place.stack.doors_port("quotes")
    address = place.stack.database_url(OWNER, "retention")
    async with lean_caller(port, "/api/quotes") as caller, place.owning(address) as connection:
        door = Door(caller, {})
        looking = asyncio.create_task(door.look(connection))
        try:
            yield door
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
