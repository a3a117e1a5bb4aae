"""Real parts joined up for a test: a service on a database of its own, and messages on a topic."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.native.stack import OWNER
from deploy.native.testing import FreshDatabase
from libs.events.clock import FixedClock
from libs.events.handle import Stamp
from libs.events.ids import RealIds
from libs.events.inbox import Inbox
from libs.events.log import EFFECTS
from libs.events.message import Header, to_message
from libs.events.parking import Parking
from libs.events.postgres_log import PostgresLog
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import NOW
from libs.events.values import Owner
from libs.runtime.ground import CONNECTIONS_MAX, open_pool
from tests.integration.libs.events.little import LITTLE, SQL, Reacting

HEARD_TOPIC = "quotes.events"
DEADLINE_SECONDS = 20.0


@dataclass
class Service:
    """A service in one process: its log and, where it hears, its inbox."""

    log: PostgresLog
    stamp: Stamp
    inbox: Inbox
    reacting: Reacting

    @property
    def parking(self) -> Parking:
        """Its parked messages."""
        return Parking(self.inbox, self.log, self.stamp)

    async def rows(self, name: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """What a query of the tests finds."""
        return [tuple(row) for row in await self.log.pool.fetch(SQL[name], *arguments)]

    async def value(self, name: str, *arguments: Any) -> Any:
        """The one value that a query of the tests finds."""
        return await self.log.pool.fetchval(SQL[name], *arguments)

    async def heard(self) -> list[UUID | None]:
        """What caused the facts of this service, in their order."""
        return [row[3] for row in await self.rows("list_events")]


async def make_view(database: FreshDatabase) -> None:
    """Make the little view in a database, as a migration would."""
    owner = await asyncpg.connect(database.url(OWNER))
    for name in ("table", "index", "other_table"):
        await owner.execute(SQL[f"make_{name}"])
    for name in ("tables", "reading"):
        await owner.execute(SQL[f"grant_{name}"])
    await owner.close()


@asynccontextmanager
async def running_service(
    database: FreshDatabase, *, topic: str = HEARD_TOPIC, effects: EFFECTS | None = None
) -> AsyncIterator[Service]:
    """A process of the service whose kind the database is, hearing `topic` as quotes' own."""
    owner = Owner(database.kind)
    async with await open_pool(database.url(), f"{owner}", CONNECTIONS_MAX) as pool:
        log = PostgresLog(pool, owner, views=[LITTLE], effects=effects)
        stamp, reacting = Stamp(owner, FixedClock(NOW), RealIds()), Reacting()
        inbox = Inbox(log, stamp, reacting.reactions, {topic: Owner.QUOTES})
        yield Service(log, stamp, inbox, reacting)


@dataclass(frozen=True)
class Lying:
    """A message at its place on a topic."""

    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    offset: int = 0
    partition: int = 0
    topic: str = HEARD_TOPIC


def lying(facts: Iterable[Recorded], *, first: int = 0, partition: int = 0) -> list[Lying]:
    """Facts as messages, one behind the other in a partition."""
    messages = map(to_message, facts)
    return [
        Lying(one.key, one.value, one.headers, offset, partition)
        for offset, one in enumerate(messages, start=first)
    ]


async def until(
    reached: Callable[[], Awaitable[Any]], *, seconds: float = DEADLINE_SECONDS
) -> None:
    """Wait until a condition holds.

    Raises: TimeoutError, when it does not in time.
    """
    async with asyncio.timeout(seconds):
        while not await reached():  # noqa: ASYNC110 - another process or server is waited for
            await asyncio.sleep(0.02)


@dataclass
class Topic:
    """A topic of a test on the real broker, as its speaker and its reader see it."""

    name: str
    servers: str
    sent: dict[int, int] = field(default_factory=dict)

    async def send(
        self,
        messages: Sequence[tuple[bytes | None, bytes | None, Sequence[Header]]],
        *,
        partition: int | None = None,
    ) -> None:
        """Put raw messages on the topic, in order, and those of a partition in one batch."""
        async with AIOKafkaProducer(bootstrap_servers=self.servers, linger_ms=20) as producer:
            under_way = [
                await producer.send(
                    self.name, key=key, value=value, headers=list(headers), partition=partition
                )
                for key, value, headers in messages
            ]
            await asyncio.gather(*under_way)

    async def send_facts(self, facts: Iterable[Recorded], *, partition: int | None = None) -> None:
        """Put facts on the topic."""
        messages = [to_message(fact) for fact in facts]
        await self.send(
            [(one.key, one.value, one.headers) for one in messages], partition=partition
        )

    async def read(self) -> list[Any]:
        """All that lies on the topic now, partition by partition."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.servers, enable_auto_commit=False)
        found: list[Any] = []
        async with consumer:
            await consumer._client.force_metadata_update()
            numbers = consumer.partitions_for_topic(self.name) or set()
            places = [TopicPartition(self.name, number) for number in sorted(numbers)]
            ends = await consumer.end_offsets(places)
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            for place, end in ends.items():
                while await consumer.position(place) < end:
                    batch = await consumer.getmany(place, timeout_ms=1000)
                    found += [one for messages in batch.values() for one in messages]
        return found

    async def versions(self) -> dict[str, list[int]]:
        """Which versions of each record lie there, in their order."""
        found: dict[str, list[int]] = {}
        for one in await self.read():
            version = int(dict(one.headers)["ce_recordversion"])
            found.setdefault(one.key.decode(), []).append(version)
        return found
