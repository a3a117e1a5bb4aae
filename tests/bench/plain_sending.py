"""The yardsticks of the relay: loops that only send what lies ready in memory."""

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from deploy.native.topics import Topic, make_topic_anew
from libs.events.message import Message
from tests.bench.machine import cpu_seconds
from tests.bench.place import Place
from tests.bench.slices import Slice

TOPIC, PARTITIONS = "bench.events", 4
BATCH_MESSAGES, BATCH_BYTES = 1000, 1 << 19
Send = Callable[[AIOKafkaProducer, float], Awaitable[int]]
"""Sends until that moment, waits for every acknowledgement, and says how many it sent."""


@dataclass(frozen=True)
class PlainSending:
    """Loops over messages in memory, each onto an empty topic."""

    place: Place
    messages: Sequence[Message]

    async def one_by_one(self, seconds: float) -> Slice:
        """Hand one message over, then the next; the client makes batches of them."""

        async def send(producer: AIOKafkaProducer, deadline: float) -> int:
            under_way: list[asyncio.Future[Any]] = []
            while time.perf_counter() < deadline:
                for one in self.messages[:BATCH_MESSAGES]:
                    headers = list(one.headers)
                    future = await producer.send(
                        TOPIC, key=one.key, value=one.value, headers=headers
                    )
                    under_way.append(future)
            await asyncio.gather(*under_way)
            return len(under_way)

        return await self._sending(seconds, send)

    async def batch_by_batch(self, seconds: float) -> Slice:
        """Whole batches of a thousand, one of each partition under way."""
        parts = self._by_partition()

        async def send(producer: AIOKafkaProducer, deadline: float) -> int:
            return sum(
                await asyncio.gather(
                    *(_batches(producer, number, parts[number], deadline) for number in parts)
                )
            )

        return await self._sending(seconds, send)

    def _by_partition(self) -> dict[int, list[Message]]:
        choose, every = DefaultPartitioner(), list(range(PARTITIONS))
        parts: dict[int, list[Message]] = defaultdict(list)
        for one in self.messages:
            parts[choose(one.key, every, every)].append(one)
        return parts

    async def _sending(self, seconds: float, send: Send) -> Slice:
        await empty_topic(self.place)
        async with _producer(self.place) as producer:
            return await timed(self.place, seconds, lambda deadline: send(producer, deadline))


async def _batches(
    producer: AIOKafkaProducer, partition: int, messages: Sequence[Message], deadline: float
) -> int:
    sent, batches = 0, len(messages) // BATCH_MESSAGES
    while time.perf_counter() < deadline:
        begin = sent // BATCH_MESSAGES % batches * BATCH_MESSAGES
        batch = producer.create_batch()
        for one in messages[begin : begin + BATCH_MESSAGES]:
            headers = list(one.headers)
            batch.append(key=one.key, value=one.value, timestamp=None, headers=headers)
        await (await producer.send_batch(batch, TOPIC, partition=partition))
        sent += batch.record_count()
    return sent


@asynccontextmanager
async def _producer(place: Place) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(
        bootstrap_servers=place.stack.kafka_servers,
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        linger_ms=5,
        max_batch_size=BATCH_BYTES,
    ) as producer:
        yield producer


async def empty_topic(place: Place) -> None:
    """Make the bench's topic anew, with nothing on it."""
    kept = {"retention.ms": "-1"}
    await make_topic_anew(place.stack.kafka_servers, Topic(TOPIC, PARTITIONS, "quotes", kept))


async def timed(place: Place, seconds: float, step: Callable[[float], Awaitable[int]]) -> Slice:
    """One step that works until a moment and says how many messages that came to."""
    servers = place.pids("postgres", "kafka")
    own, theirs = cpu_seconds([os.getpid()]), cpu_seconds(servers)
    began = time.perf_counter()
    operations = await step(began + seconds)
    return Slice(
        operations=operations,
        seconds=time.perf_counter() - began,
        client_cpu_seconds=cpu_seconds([os.getpid()]) - own,
        server_cpu_seconds=cpu_seconds(servers) - theirs,
    )
