"""G1: the door that takes a quote request, everything on, beside the plain door."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.native.stack import OWNER
from tests.bench.contest import Contest
from tests.bench.load import Load, run_load
from tests.bench.place import CHECKPOINT, Place, served
from tests.bench.queries import QUERIES
from tests.bench.slices import Slice

MANY, MUST_MANY, WANTED_MANY = 32, 1.0, 1.5
ONE, MUST_ONE, WANTED_ONE = 1, 0.8, 1.0
PLAIN_PORT = 38  # above the stack's base, free in every stack
FRESH_QUOTES = Path(__file__).with_name("fresh_quotes.sql")

REQUEST = json.dumps(
    {
        "name": "Zoë Quokka",
        "email": "{id}@bench.example",
        "brief": "A lighthouse on a rock, low poly, three levels of detail. " * 4,
        "language": "en",
    },
    ensure_ascii=False,
)


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """Both doors ready on one Postgres: quotes with its relay, and the plain one."""
    async with AsyncExitStack() as open_ones:
        await open_ones.enter_async_context(place.with_services("quotes"))
        address = open_ones.enter_context(place.plain_database())
        async with place.owning(address) as connection:
            await connection.execute(QUERIES["create_plain_tables"])
        port = place.stack.ports.base + PLAIN_PORT
        options = ("--port", str(port), "--database-url", address)
        url = f"http://127.0.0.1:{port}"
        plain = served("tests.bench.plain_door", *options, ready_url=f"{url}/ready")
        doors = Doors(place, url, await open_ones.enter_async_context(plain), address)
        yield [
            doors.contest(MANY, MUST_MANY, WANTED_MANY),
            doors.contest(ONE, MUST_ONE, WANTED_ONE),
            doors.contest(MANY, MUST_MANY, WANTED_MANY, alone=False),
        ]


@dataclass(frozen=True)
class Doors:
    """The two doors, loaded alike."""

    place: Place
    plain_url: str
    plain_pid: int
    plain_address: str

    def contest(
        self, connections: int, must: float, wanted: float, *, alone: bool = True
    ) -> Contest:
        """Both doors with that many callers at once.

        Shape: ours have a process of their own, or share it with relay, inbox and letters.
        """
        ports = self.place.stack.ports
        port = ports.doors("quotes") if alone else ports.service("quotes")

        async def subject(seconds: float) -> Slice:
            await self._empty_ours()
            url = f"http://127.0.0.1:{port}/api/quotes"
            load = Load(url=url, body=REQUEST, connections=connections)
            servers = self.place.pids("quotes", "quotes-doors", "postgres")
            return await run_load(load, seconds, servers=servers)

        async def yardstick(seconds: float) -> Slice:
            await self._empty_plain()
            load = Load(url=f"{self.plain_url}/quotes", body=REQUEST, connections=connections)
            servers = [self.plain_pid, *self.place.pids("postgres")]
            return await run_load(load, seconds, servers=servers)

        callers = "1 connection" if connections == 1 else f"{connections} connections"
        return Contest(
            goal="G1",
            row=f"quote requests through the door, {callers}{'' if alone else ', one process'}",
            yardstick_is="FastAPI, two INSERTs in one transaction",
            subject=subject,
            yardstick=yardstick,
            must=must,
            wanted=wanted,
        )

    async def _empty_ours(self) -> None:
        await self.place.drained(self.place.stack.database_url(OWNER, "quotes"))
        await self.place.run_script(FRESH_QUOTES)

    async def _empty_plain(self) -> None:
        async with self.place.owning(self.plain_address) as connection:
            await connection.execute(QUERIES["empty_plain_tables"])
        await self.place.run_script(CHECKPOINT)
