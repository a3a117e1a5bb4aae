"""The relay when far more than a batch waits: as quick as it can, and in the same order."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer

from deploy.native.testing import FreshDatabase
from libs.events.refill import QUERIES, SHARD
from libs.events.relay import Relay, make_producer
from libs.events.testing.log_conformance import an_append
from tests.integration.libs.events.pieces import Service, Topic
from tests.integration.libs.events.relaying import QUICK, drained, relaying, say

SMALL = replace(QUICK, batch_events=5)


async def test_a_backlog_goes_out_in_order(speaker: Service, bus: Topic) -> None:
    """Far more than a batch, while more is said about the same records: once each, in order."""
    records = await say(speaker, records=20, facts=6)
    async with relaying(speaker, bus, pace=replace(QUICK, batch_events=7, backlog_events=50)):
        for at in range(6, 12):
            for record in records:
                await speaker.log.append(an_append(record, at=at))
        await drained(speaker)
    assert await bus.versions() == {str(record): [*range(1, 13)] for record in records}


async def test_what_is_committed_late_waits_for_the_next_look(
    speaker: Service, quotes_database: FreshDatabase, bus: Topic
) -> None:
    """A backlog is read as it stood: what comes into it meanwhile does not outrun what is missing.

    Why: the late fact has an early place, and the next of its record a place still to be read.
    """
    holder, late = await asyncpg.connect(quotes_database.url()), an_append()
    transaction = holder.transaction()
    await transaction.start()
    await speaker.log.write(holder, [late])
    await say(speaker, records=4, facts=5)

    async def commit_midway(at: int) -> None:
        if at == 3:
            await transaction.commit()
            await speaker.log.append(an_append(late.record, at=1))

    relay = Relay(speaker.log, make_producer(bus.servers), topic=bus.name, pace=SMALL)
    async with speaker.log.pool.acquire() as connection:
        epoch, producer = await relay._elected(connection), await make_producer(bus.servers)()
        _before_each_parcel(producer, commit_midway)
        assert await relay.drain_backlog(connection, producer, epoch) == 20
        assert await relay.drain_backlog(connection, producer, epoch) == 2
        await producer.stop()
    await holder.close()
    assert (await bus.versions())[str(late.record)] == [1, 2]


def _before_each_parcel(producer: AIOKafkaProducer, act: Callable[[int], Awaitable[None]]) -> None:
    really_send, sends = producer.send_batch, count(1)

    async def send(*values: Any, **options: Any) -> Any:
        await act(next(sends))
        return await really_send(*values, **options)

    producer.send_batch = send


async def test_a_hold_stops_a_backlog_within_its_time(speaker: Service, bus: Topic) -> None:
    """However long a backlog is, the relay looks up from it, and then sees that it is to hold."""
    await say(speaker, records=10, facts=4)
    relay = Relay(
        speaker.log,
        make_producer(bus.servers),
        topic=bus.name,
        pace=replace(SMALL, backlog_seconds=0.0),
    )
    async with speaker.log.pool.acquire() as connection:
        epoch, producer = await relay._elected(connection), await make_producer(bus.servers)()
        assert await relay.drain_backlog(connection, producer, epoch) == SMALL.batch_events
        await speaker.log.pool.execute(QUERIES["ask_hold"], SHARD)
        assert await relay.drain_backlog(connection, producer, epoch) == 0
        await producer.stop()
