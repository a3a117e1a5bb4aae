"""Where the benches run: a stack of their own, its processes, databases and plain servers."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from deploy.native import databases, lifecycle
from deploy.native.programs import WITHOUT_SERVICES
from deploy.native.stack import CHECKOUT, OWNER, Stack
from deploy.native.supervision import Supervisor, wait_until
from deploy.native.testing import running_stack
from deploy.native.topics import declared, make_topic_anew
from tests.bench.machine import descendants
from tests.bench.queries import QUERIES

PLAIN = "bench_plain"
FRESH_HEARING = Path(__file__).with_name("fresh_hearing.sql")
CHECKPOINT = Path(__file__).with_name("checkpoint.sql")
READY, DRAINED_SECONDS = 30.0, 120.0


@dataclass(frozen=True)
class Place:
    """A running stack and what the benches ask of it."""

    stack: Stack

    def pids(self, *names: str) -> list[int]:
        """The processes of these parts, with all that they started."""
        states = Supervisor(self.stack).states()
        return [pid for one in states if one.name in names for pid in descendants(one.pid)]

    @asynccontextmanager
    async def with_services(self, *names: str) -> AsyncIterator[None]:
        """These services run beside the servers, and no others; busy doors have a process.

        Why: their topics are made anew, because a goal before may have emptied a log; a service
        whose topic remembers more than its log would send nothing.
        """
        supervisor = Supervisor(self.stack)
        for topic in declared():
            await make_topic_anew(self.stack.kafka_servers, topic)
        await self.run_script(FRESH_HEARING)
        await asyncio.to_thread(lifecycle.up, self.stack, (*WITHOUT_SERVICES, *names))
        try:
            yield
        finally:
            for name in (*names, *self.stack.own_doors_of(names)):
                await asyncio.to_thread(supervisor.stop_one, name)

    @contextmanager
    def plain_database(self) -> Iterator[str]:
        """An empty database without any of our tables; its address."""
        databases.drop_database(self.stack, PLAIN)
        databases.make_database(self.stack, PLAIN, visitors=(OWNER,))
        try:
            yield self.stack.database_url(OWNER, PLAIN)
        finally:
            databases.drop_database(self.stack, PLAIN)

    async def drained(self, address: str) -> None:
        """Wait until a service has nothing left to send.

        Raises: TimeoutError, when its relay does not get through.
        """
        deadline = time.monotonic() + DRAINED_SECONDS
        async with self.owning(address) as connection:
            while time.monotonic() < deadline:
                if not await connection.fetchval(QUERIES["count_outbox"]):
                    return
                await asyncio.sleep(0.1)
        message = "the outbox did not drain"
        raise TimeoutError(message)

    async def run_script(self, script: Path) -> None:
        """Let Postgres's superuser run a script; a checkpoint, say."""
        await asyncio.to_thread(databases.psql, self.stack, script)

    @asynccontextmanager
    async def owning(self, address: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection to a database, closed afterwards."""
        connection = await asyncpg.connect(address)
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def served(
    module: str, *options: str, ready_url: str, extra: Mapping[str, str] | None = None
) -> AsyncIterator[int]:
    """A plain server as a process of its own, ready to be asked; its pid.

    Raises: TimeoutError, when it does not become ready.
    """
    command = (sys.executable, "-m", module, *options)
    environment = {**os.environ, **(extra or {})}
    process = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT, env=environment)
    try:
        if not await asyncio.to_thread(wait_until, lambda: _answers(ready_url), seconds=READY):
            message = f"{module} did not become ready"
            raise TimeoutError(message)
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


@contextmanager
def bench_place(home: Path = CHECKOUT / ".local-bench") -> Iterator[Place]:
    """A stack of the benches' own, without services, removed afterwards."""
    with running_stack(home, parts="without-services", doors="own") as stack:
        yield Place(stack)
