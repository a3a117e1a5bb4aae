"""Transactions that cross each other: retried whole, kept whole, and none is skipped on its way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from random import Random
from types import NoneType
from uuid import UUID

import asyncpg
import pytest

from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from libs.events.errors import Conflict
from libs.events.handle import Desk
from libs.events.log import Append
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.testing.log_conformance import STAMP, an_append
from tests.faults.appending import opened_log
from tests.faults.extent import Extent
from tests.integration.libs.events.little import RELEASE
from tests.integration.libs.events.pieces import (
    Service,
    Topic,
    make_view,
    running_service,
    until,
)
from tests.integration.libs.events.relaying import relaying

HOT, SIDES, AT_ONCE = 3, 4, 8
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def fresh(database: Callable[[str], FreshDatabase]) -> FreshDatabase:
    """A speaker's database with the little view."""
    made = database("quotes")
    await make_view(made)
    return made


@pytest.fixture
async def speaker(fresh: FreshDatabase) -> AsyncIterator[Service]:
    """A service that says things."""
    async with running_service(fresh) as service:
        yield service


@pytest.fixture
async def bus(stack: Stack, topic: Callable[[int], Awaitable[str]]) -> Topic:
    """A topic that nobody else uses."""
    return Topic(await topic(4), stack.kafka_servers)


async def test_f32_hot_records_under_serializable_keep_what_was_told(
    extent: Extent, fresh: FreshDatabase
) -> None:
    """Each command that was told it is kept is one fact; each that lost every try is none."""
    records, commands = [STAMP.ids.new() for _ in range(HOT)], extent.of(150, 3000)
    turns = asyncio.Semaphore(AT_ONCE)
    async with AsyncExitStack() as opened:
        logs = [
            await opened.enter_async_context(
                opened_log(fresh.url(), default_transaction_isolation="serializable")
            )
            for _ in range(SIDES)
        ]
        told = await asyncio.gather(
            *(
                _say(logs[number % SIDES], records[number % HOT], turns)
                for number in range(commands)
            )
        )
        kept = {record: len(await logs[0].load(record)) for record in records}
    wanted = {
        record: sum(told[number] for number in range(at, commands, HOT))
        for at, record in enumerate(records)
    }
    lost = commands - sum(told)
    assert lost > 0, "nobody met anybody"
    assert kept == wanted
    extent.saw(f"{commands} commands on {HOT} records, {lost} told to try again, 0 lost")


async def _say(log: PostgresLog, record: UUID, turns: asyncio.Semaphore) -> bool:
    """Whether the command was kept after at most its tries."""
    try:
        async with turns:
            await Desk(log=log, stamp=STAMP).handle(record, "a test says so", RELEASE)
    except Conflict:
        return False
    return True


async def test_f32_of_two_that_block_each_other_one_is_kept_whole(
    extent: Extent, speaker: Service, fresh: FreshDatabase
) -> None:
    """Opposite lock orders end with one whole append and one that is to be tried again, whole."""
    rounds, refused = extent.of(1, 10), 0
    for _ in range(rounds):
        one, two = STAMP.ids.new(), STAMP.ids.new()
        results = await asyncio.gather(
            *_crossing(fresh, speaker.log, (one, two)), return_exceptions=True
        )
        refused += sum(isinstance(result, Conflict) for result in results)
        assert {type(result) for result in results} == {NoneType, Conflict}
        assert [len(await speaker.log.load(record)) for record in (one, two)] == [1, 1]
    assert refused == rounds
    extent.saw(f"{rounds} deadlocks, each with one kept whole and one told to try again")


def _crossing(
    fresh: FreshDatabase, log: PostgresLog, records: tuple[UUID, UUID]
) -> list[Awaitable[None]]:
    met = asyncio.Barrier(2)

    async def write(order: tuple[UUID, ...]) -> None:
        connection = await asyncpg.connect(fresh.url())
        try:
            with database_errors():
                async with connection.transaction():
                    await log.write(connection, [an_append(order[0])])
                    await met.wait()
                    await log.write(connection, [an_append(order[1])])
        finally:
            await connection.close()

    return [write(records), write(records[::-1])]


async def test_f34_late_commits_with_earlier_places_all_reach_the_topic(
    extent: Extent, speaker: Service, fresh: FreshDatabase, bus: Topic
) -> None:
    """Places are given out before commits: in whatever order these come, all is sent, once."""
    draw, rounds, at_once = Random(34), extent.of(5, 100), 6
    appends: list[Append] = []
    async with relaying(speaker, bus):
        for _ in range(rounds):
            held = [await _held_open(fresh, speaker.log) for _ in range(at_once)]
            await speaker.log.append(an_append())
            draw.shuffle(held)
            for connection, transaction, append in held:
                await transaction.commit()
                speaker.log.appended.set()
                await connection.close()
                appends.append(append)
        await until(lambda: _is_sent(speaker), seconds=60)
    sent = await bus.versions()
    assert {str(one.record) for one in appends} <= sent.keys()
    assert len(sent) == rounds * (at_once + 1)
    assert all(versions == [1] for versions in sent.values())
    extent.saw(f"{len(appends)} commits in another order than their places, 0 skipped")


async def _held_open(
    fresh: FreshDatabase, log: PostgresLog
) -> tuple[asyncpg.Connection, asyncpg.transaction.Transaction, Append]:
    """A fact with its place, in a transaction that is not committed yet."""
    connection, append = await asyncpg.connect(fresh.url()), an_append()
    transaction = connection.transaction()
    await transaction.start()
    await log.write(connection, [append])
    return connection, transaction, append


async def _is_sent(speaker: Service) -> bool:
    return bool(await speaker.value("count_outbox") == 0)
