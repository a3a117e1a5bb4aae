"""The flows of the bus: what waits in the outbox is sent, what lies on the topic is taken in."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from libs.events.bus import Ear, make_broker
from libs.events.inbox import Inbox
from libs.events.postgres_log import PostgresLog
from libs.events.relay import Pace, Relay, make_producer
from libs.events.values import Owner
from tests.faults.every_step.calls import Calls
from tests.faults.every_step.parts import QUERIES, Parts
from tests.faults.every_step.wired import wired

QUICK = Pace(poll_seconds=0.05, election_seconds=0.05, backoff_seconds=0.05)
DEADLINE_SECONDS = 60
SENT, HEARD = "delete_sent", "consumer commit"
"""The last call of each flow; what comes after it is waiting for more."""


@dataclass(frozen=True)
class OnTopic:
    """A topic of the test, and the parts of who speaks or hears there."""

    parts: Parts
    topic: str


@dataclass(frozen=True)
class Heard:
    """What a hearer is to take in: facts by these ids, up to this offset."""

    facts: tuple[UUID, ...]
    end: int


async def relay(ground: OnTopic, _: object, calls: Calls) -> None:
    """Send what waits in the outbox of quotes, until nothing waits."""
    async with asyncpg.create_pool(ground.parts.databases["quotes"].url(), min_size=0) as pool:

        async def is_idle() -> bool:
            return bool(await pool.fetchval(QUERIES["count_unsent"]) == 0)

        log = PostgresLog(pool, Owner.QUOTES)
        servers = ground.parts.stack.kafka_servers
        relay = Relay(log, make_producer(servers), topic=ground.topic, pace=QUICK)
        await _until_done(calls, relay.run, is_idle)


async def hear(ground: OnTopic, work: Heard, calls: Calls) -> None:
    """Let retention take in what quotes said on the topic."""
    async with wired(ground.parts, "retention") as retention:
        topics = {ground.topic: Owner.QUOTES}
        inbox = Inbox(retention.log, retention.ground.stamp, retention.built.reactions, topics)

        async def is_idle() -> bool:
            found = await retention.ground.pool.fetchval(QUERIES["find_offset"], ground.topic)
            return bool(found == work.end)

        async def listen() -> None:
            broker = make_broker(ground.parts.stack.kafka_servers)
            group = f"{ground.topic}.hearers"
            ear = Ear(broker, inbox, group=group, topics=[ground.topic])
            await broker.start()
            await ear.failed

        await _until_done(calls, listen, is_idle)


async def _until_done(
    calls: Calls, run: Callable[[], Awaitable[None]], is_idle: Callable[[], Awaitable[bool]]
) -> None:
    """Run until the last call of the flow was made, or, where nothing was left to do, not at all.

    Raises: what ends `run` by itself; TimeoutError.
    """
    if await is_idle():
        return
    with calls.counted():
        running = asyncio.ensure_future(run())
    over = asyncio.ensure_future(calls.over.wait())
    async with asyncio.timeout(DEADLINE_SECONDS):
        await asyncio.wait([running, over], return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        await running
    running.cancel()
