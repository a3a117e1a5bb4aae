"""Plain readers of a topic, as fast as aiokafka gives it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer

from tests.bench.apart import Task
from tests.bench.slices import Slice
from tests.bench.working import work

BATCH_MESSAGES = 1000
FETCH_MILLISECONDS = 500
Batches = Mapping[Any, Sequence[Any]]


async def read_idly(task: Task) -> Slice:
    """The topic, again and again, and nothing done with it."""
    return await read_with(task, _nothing)


async def read_with(task: Task, handle: Callable[[Sequence[Any]], None]) -> Slice:
    """The topic, again and again, and that done with each partition's messages."""
    async with _consumer(task) as consumer:
        read = 0

        async def step() -> int:
            nonlocal read
            if read == task.messages:
                await consumer.seek_to_beginning()
                read = 0
            found: Batches = await consumer.getmany(
                timeout_ms=FETCH_MILLISECONDS, max_records=BATCH_MESSAGES
            )
            for messages in found.values():
                handle(messages)
            count = sum(map(len, found.values()))
            read += count
            return count

        await step()  # the first fetch waits for what it needs to know
        return await work(step, task.seconds, servers=task.server_pids())


@asynccontextmanager
async def _consumer(task: Task) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        task.topic,
        bootstrap_servers=task.servers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


def _nothing(_: Sequence[Any]) -> None:
    return
