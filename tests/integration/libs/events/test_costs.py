"""What the machinery costs a database: by the batch and the group, never by the fact."""

import asyncio
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from libs.events.postgres_rows import QUERIES
from libs.events.refill import SHARD
from libs.events.relay import OF_TRANSACTION, Relay, make_producer
from libs.events.testing.log_conformance import an_append
from libs.events.vocabulary.quotes import ProjectCompleted, ProjectStarted
from tests.integration.costs.counting import Costs, buffers, count
from tests.integration.libs.events.little import SQL
from tests.integration.libs.events.pieces import HEARD_TOPIC, Service, Topic, lying
from tests.integration.libs.events.relaying import QUICK
from tests.unit.libs.events.facts import facts_of

PARTITIONS = 4


@pytest.fixture
async def heard(hearer: Service) -> Costs:
    """What a hearer that owns four partitions sends."""
    await hearer.inbox.claim([(HEARD_TOPIC, number) for number in range(PARTITIONS)])
    return await count([hearer.log.pool], QUERIES, SQL)


async def test_appends_that_wait_together_are_one_commit(speaker: Service) -> None:
    """A group of sixty that begin is one statement for facts, outbox, answers and the view."""
    costs = await count([speaker.log.pool], QUERIES, SQL)
    await asyncio.gather(*(speaker.log.append(an_append()) for _ in range(60)))
    assert await costs.ours() == ["append_events + write_little"]


@pytest.mark.parametrize("records", [1, 25])
async def test_a_batch_from_every_partition_is_six_statements(
    hearer: Service, heard: Costs, records: int
) -> None:
    """However many messages of however many partitions came at once: one commit."""
    batches = []
    for number in range(PARTITIONS):
        ids = [UUID(int=1 + at * PARTITIONS + number) for at in range(records)]
        facts = [fact for one in ids for fact in facts_of(one, ProjectStarted())]
        batches.append((hearer.inbox.turn(HEARD_TOPIC, number), lying(facts, partition=number)))
    assert await hearer.inbox.apply_together(batches)
    assert await heard.ours() == [
        *("begin", "lock_offsets", "load_records", "find_heard"),
        *("append_events + move_offsets + note_heard + write_little", "commit"),
    ]


async def test_a_batch_of_which_nothing_follows_writes_no_fact(
    hearer: Service, heard: Costs
) -> None:
    """What a service does not react to costs it the place and the progress, and wakes no relay."""
    completed = facts_of(UUID(int=1), ProjectCompleted(delivered_on=date(2026, 3, 1)))
    await hearer.inbox.apply(HEARD_TOPIC, 0, lying(completed))
    assert await heard.ours() == [
        *("begin", "lock_offsets", "find_heard", "move_offsets + note_heard", "commit"),
    ]
    assert not hearer.log.appended.is_set()


@pytest.mark.parametrize("facts", [1, 300])
async def test_a_round_of_the_relay_is_one_read_and_one_delete(
    speaker: Service, bus: Topic, facts: int
) -> None:
    """However many facts wait, up to the size of a batch."""
    await asyncio.gather(*(speaker.log.append(an_append()) for _ in range(facts)))
    costs = await count([speaker.log.pool], QUERIES)
    relay, producer = (
        Relay(speaker.log, make_producer(bus.servers), topic=bus.name, pace=QUICK),
        await make_producer(bus.servers)(),
    )
    async with speaker.log.pool.acquire() as connection:
        epoch = await relay._elected(connection)
        await costs.seen()
        assert await relay.drain_once(connection, producer, epoch) == facts
    await producer.stop()
    assert await costs.ours() == ["read_outbox", "delete_sent"]


async def test_a_batch_costs_the_relay_the_same_however_much_waits(speaker: Service) -> None:
    """A batch is read from the beginning of the outbox; nothing looks at the rest of it."""

    async def pages(waiting: int) -> int:
        while await speaker.value("count_outbox") < waiting:
            await speaker.log.append(an_append(events=(ProjectStarted(),) * 100))
        async with speaker.log.pool.acquire() as connection, connection.transaction():
            await connection.fetch(QUERIES["walk_indexes"], OF_TRANSACTION)
            return await buffers(connection, QUERIES["read_outbox"], 50, SHARD)

    few, many = await pages(200), await pages(4000)
    # The index of a log of some thousands has one level more.
    assert many <= few * 2


async def test_a_backlog_is_one_read_and_a_delete_for_each_batch(
    speaker: Service, bus: Topic
) -> None:
    """A backlog of ten batches is read in one go; each batch is one delete and no more."""
    await asyncio.gather(*(speaker.log.append(an_append()) for _ in range(100)))
    costs = await count([speaker.log.pool], QUERIES)
    pace = replace(QUICK, batch_events=10)
    relay = Relay(speaker.log, make_producer(bus.servers), topic=bus.name, pace=pace)
    producer = await make_producer(bus.servers)()
    async with speaker.log.pool.acquire() as connection:
        epoch = await relay._elected(connection)
        await costs.seen()
        assert await relay.drain_backlog(connection, producer, epoch) == 100
    await producer.stop()
    # The driver tells nothing of a cursor; it is one statement, fetched from as it is needed.
    assert await costs.ours() == ["walk_indexes", *["delete_sent"] * 10, "commit"]
