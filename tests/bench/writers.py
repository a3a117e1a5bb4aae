"""Writers beside what is measured: each says one fact after the other, at a steady pace."""

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import uvloop

from deploy.native.stack import CHECKOUT
from libs.events.log import Append
from libs.events.postgres_log import PostgresLog
from libs.events.values import Owner
from libs.events.vocabulary.quotes import ProjectStarted
from tests.bench.backlog import STAMP

WRITERS, EACH_PER_SECOND = 8, 50
FACTS_PER_RECORD = 20


@asynccontextmanager
async def writing(database_url: str) -> AsyncIterator[None]:
    """Eight writers in a process of their own are at work on the log of this database.

    Raises: RuntimeError, when they ended by themselves.
    """
    command = (sys.executable, "-m", "tests.bench.writers", "--database-url", database_url)
    process = await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT)
    try:
        yield
    finally:
        ended = process.returncode
        if ended is None:
            process.terminate()
        await process.wait()
    if ended is not None:
        message = f"the writers ended with {ended}"
        raise RuntimeError(message)


def main() -> None:
    """Write until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", required=True)
    uvloop.run(_write(parser.parse_args().database_url))


async def _write(database_url: str) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with asyncpg.create_pool(database_url, min_size=WRITERS, max_size=WRITERS) as pool:
        log = PostgresLog(pool, Owner.QUOTES)
        async with asyncio.TaskGroup() as group:
            for _ in range(WRITERS):
                group.create_task(_go_on(log, stopping))


async def _go_on(log: PostgresLog, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        events = (ProjectStarted(),) * FACTS_PER_RECORD
        record = STAMP.ids.new()
        for at, fact in enumerate(STAMP.record(record, [], events)):
            await log.append(Append(record=record, expected_version=at, recorded=(fact,)))
            await asyncio.sleep(1 / EACH_PER_SECOND)


if __name__ == "__main__":
    main()
