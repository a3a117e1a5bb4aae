"""Ears that listen on the real broker, as a service's process has them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.events.bus import Ear, make_broker
from tests.integration.libs.events.pieces import DEADLINE_SECONDS, Service, Topic, until


@asynccontextmanager
async def listening(
    service: Service, topic: Topic, *, is_assigned: bool = True, instance: str = "0"
) -> AsyncIterator[Ear]:
    """The service's ear on a topic; with its partitions, unless somebody else has them."""
    broker = make_broker(topic.servers)
    ear = Ear(broker, service.inbox, group=group_of(topic), topics=[topic.name], instance=instance)
    try:
        await broker.start()
        ear.attend()
        if is_assigned:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await ear.assigned.wait()
        yield ear
    finally:
        await broker.stop()


def group_of(topic: Topic) -> str:
    """The group that the ears of a test form."""
    return f"{topic.name}.hearers"


async def has_heard(service: Service, facts: int) -> None:
    """Wait until the service said as many facts of its own."""

    async def all_heard() -> bool:
        return len(await service.rows("list_events")) >= facts

    await until(all_heard)
