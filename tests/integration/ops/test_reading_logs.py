"""The operator's role reads every fact once, and can change nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from deploy.native.testing import FreshDatabase
from libs.events.clock import FixedClock
from libs.events.handle import Stamp
from libs.events.ids import RealIds
from libs.events.log import Append
from libs.events.postgres_log import PostgresLog
from libs.events.values import Owner
from libs.events.vocabulary.quotes import ProjectStarted
from ops.listing import Wanted, list_newest
from ops.tailing import Tail

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STAMP = Stamp(Owner.QUOTES, FixedClock(NOW), RealIds())


@pytest.fixture
async def quotes(database: Callable[[str], FreshDatabase]) -> AsyncIterator[tuple[Any, Any]]:
    """A log as its service writes it and as an operator reads it."""
    fresh = database("quotes")
    async with (
        asyncpg.create_pool(fresh.url("flux3d_owner"), min_size=1, max_size=3) as writer,
        asyncpg.create_pool(fresh.url("operator"), min_size=1, max_size=2) as reader,
    ):
        yield writer, reader


def started(record: UUID) -> Append:
    """The first fact of a record."""
    recorded = STAMP.record(record, (), (ProjectStarted(),))
    return Append(record=record, expected_version=0, recorded=recorded)


async def keep(writer: Any, *records: UUID) -> None:
    """Keep a first fact of each record, one transaction each."""
    log = PostgresLog(writer, Owner.QUOTES)
    for record in records:
        await log.append(started(record))


async def read_until(tail: Tail, last: UUID) -> list[UUID]:
    """The records a tail shows until the last one has come.

    Why: a fact is settled when every older transaction of the cluster has ended, and other tests
    have theirs.
    """
    seen: list[UUID] = []
    async with asyncio.timeout(40):
        while last not in seen:
            seen += [fact.record for fact in await tail.read_once()]
    return seen


async def test_tail_skips_nothing_that_was_committed_late(quotes: tuple[Any, Any]) -> None:
    """A fact whose transaction stayed open while later ones were read is shown when it commits."""
    writer, reader = quotes
    tail, log = Tail({"quotes": reader}), PostgresLog(writer, Owner.QUOTES)
    late, early, after = UUID(int=1), UUID(int=2), UUID(int=3)
    async with writer.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await log.write(connection, [started(late)])
        await keep(writer, early)
        seen = [fact.record for fact in await tail.read_once()]
        await transaction.commit()
    await keep(writer, after)
    seen += await read_until(tail, after)
    assert sorted(seen) == [late, early, after]


async def test_tail_begins_now(quotes: tuple[Any, Any]) -> None:
    """What was settled before is left out, and what comes after is shown once."""
    writer, reader = quotes
    await keep(writer, UUID(int=1))
    await read_until(Tail({"quotes": reader}), UUID(int=1))
    tail = Tail({"quotes": reader})
    await tail.begin_now()
    await keep(writer, UUID(int=2))
    assert await read_until(tail, UUID(int=2)) == [UUID(int=2)]


async def test_listing_says_where_it_stopped(quotes: tuple[Any, Any]) -> None:
    """A page that does not reach the beginning gives the place to go on from."""
    writer, reader = quotes
    await keep(writer, *map(UUID, (f"{n:032x}" for n in range(1, 6))))
    first = await list_newest({"quotes": reader}, Wanted(), before={}, limit=3)
    assert [fact.position for fact in first.items] == [3, 4, 5]
    assert first.before == "quotes:3"
    rest = await list_newest({"quotes": reader}, Wanted(), before={"quotes": 3}, limit=3)
    assert [fact.position for fact in rest.items] == [1, 2]
    assert rest.before is None


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(record=UUID(int=2)), 1),
        (Wanted(names=("ProjectStarted",)), 3),
        (Wanted(names=("QuoteRequested",)), 0),
        (Wanted(since=NOW), 3),
        (Wanted(until=NOW), 0),
    ],
)
async def test_listing_is_narrowed(quotes: tuple[Any, Any], wanted: Wanted, count: int) -> None:
    """By record, by name and by time only what was asked for is listed."""
    writer, reader = quotes
    await keep(writer, UUID(int=1), UUID(int=2), UUID(int=3))
    listing = await list_newest({"quotes": reader}, wanted, before={}, limit=10)
    assert len(listing.items) == count


async def test_operator_changes_nothing(quotes: tuple[Any, Any]) -> None:
    """The role that reads the logs may not write to them."""
    _, reader = quotes
    with pytest.raises(asyncpg.PostgresError):
        await reader.execute("delete from outbox")
