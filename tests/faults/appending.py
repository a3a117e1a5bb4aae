"""Appends to a service's log from many sides at once, and what came of each."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg

from libs.events.errors import Unavailable
from libs.events.postgres_log import AWAY, PostgresLog
from libs.events.queries import load_queries
from libs.events.testing.log_conformance import an_append
from libs.events.values import Owner
from tests.integration.libs.events.pieces import until

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))
WRITERS = 8


@dataclass
class Told:
    """What the writers were told: these are kept, those are not known."""

    kept: set[UUID] = field(default_factory=set)
    unknown: set[UUID] = field(default_factory=set)


@dataclass(frozen=True)
class Found:
    """What lies in the log, and what waits in its outbox."""

    events: frozenset[UUID]
    waiting: frozenset[UUID]


@asynccontextmanager
async def opened_log(url: str, **settings: str) -> AsyncIterator[PostgresLog]:
    """The log behind an address; its sessions have these settings."""
    pool = await asyncpg.create_pool(url, min_size=0, max_size=8, server_settings=settings)
    try:
        yield PostgresLog(pool, Owner.QUOTES)
    finally:
        pool.terminate()


async def append_until(
    log: PostgresLog, told: Told, fault: Callable[[], None], *, after: int
) -> None:
    """Append from many sides; once so many more are kept, the fault comes, and ends it."""
    wanted, over = len(told.kept) + after, asyncio.Event()
    writers = [asyncio.create_task(_write(log, told, over)) for _ in range(WRITERS)]
    try:
        await until(lambda: _is_reached(told, wanted))
        await asyncio.to_thread(fault)
    finally:
        over.set()
        await asyncio.gather(*writers)


async def _is_reached(told: Told, wanted: int) -> bool:
    return len(told.kept) >= wanted


async def _write(log: PostgresLog, told: Told, over: asyncio.Event) -> None:
    while not over.is_set():
        append = an_append()
        events = {one.event_id for one in append.recorded}
        try:
            await log.append(append)
        except Unavailable:
            told.unknown |= events
        else:
            told.kept |= events


async def find_all(url: str) -> Found:
    """What the log and its outbox hold now."""
    connection = await asyncpg.connect(url)
    try:
        events = await connection.fetch(QUERIES["list_events"])
        waiting = await connection.fetch(QUERIES["list_outbox"])
    finally:
        await connection.close()
    return Found(
        frozenset(row["event_id"] for row in events), frozenset(row["event_id"] for row in waiting)
    )


async def is_away(url: str) -> bool:
    """Whether nobody answers there."""
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except AWAY:
        return True
    await connection.close()
    return False
