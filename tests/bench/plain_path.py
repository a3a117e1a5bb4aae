"""The floor of freshness: from table to table over Kafka, each step waiting for the last."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from libs.events.queries import load_queries
from tests.bench.place import Place
from tests.bench.plain_sending import TOPIC, empty_topic

QUERIES = load_queries(Path(__file__).with_name("freshness.sql"))
DATA = "x" * 500
FETCH_MILLISECONDS = 10_000


@dataclass(frozen=True)
class PlainPath:
    """One connection at each end, one producer, one consumer; one thing at a time."""

    said: asyncpg.Connection
    seen: asyncpg.Connection
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def empty(self) -> None:
        """Nothing was said, and nothing seen."""
        await self.said.execute(QUERIES["empty_plain_path"])

    async def go(self) -> float:
        """Keep one thing and take it the whole way; gives how long that took once it was kept."""
        async with self.turn:
            position = await self.said.fetchval(QUERIES["insert_said"], uuid4(), DATA)
            kept = time.perf_counter()
            row = await self.said.fetchrow(QUERIES["read_said"], position)
            key, value = str(row["record"]).encode(), row["data"].encode()
            await self.producer.send_and_wait(TOPIC, key=key, value=value)
            found = await self.consumer.getmany(timeout_ms=FETCH_MILLISECONDS)
            (message,) = [one for batch in found.values() for one in batch]
            record, data = UUID(message.key.decode()), message.value.decode()
            await self.seen.execute(QUERIES["upsert_seen"], record, data)
            return time.perf_counter() - kept


@asynccontextmanager
async def plain_path(place: Place, address: str) -> AsyncIterator[PlainPath]:
    """The path, ready to be gone."""
    await empty_topic(place)
    servers = place.stack.kafka_servers
    async with (
        place.owning(address) as said,
        place.owning(address) as seen,
        AIOKafkaProducer(
            bootstrap_servers=servers, acks="all", enable_idempotence=True
        ) as producer,
        AIOKafkaConsumer(TOPIC, bootstrap_servers=servers, enable_auto_commit=False) as consumer,
    ):
        await said.execute(QUERIES["create_plain_path"])
        await consumer.seek_to_end()
        yield PlainPath(said, seen, producer, consumer)
