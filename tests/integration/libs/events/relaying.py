"""Relays that run, and producers that fail on purpose."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.errors import RequestTimedOutError

from libs.events.own_topic import OwnTopic
from libs.events.relay import MakeProducer, Pace, Relay, make_producer
from libs.events.testing.log_conformance import an_append
from tests.integration.libs.events.pieces import Service, Topic, until

QUICK = Pace(poll_seconds=0.05, election_seconds=0.05, backoff_seconds=0.05)


@asynccontextmanager
async def relaying(
    service: Service, topic: Topic, *, producer: MakeProducer | None = None, pace: Pace = QUICK
) -> AsyncIterator[Relay]:
    """A relay of the service's outbox at work."""
    make = producer or make_producer(topic.servers)
    own_topic = OwnTopic(topic.servers, service.log.owner, topic.name)
    relay = Relay(service.log, make, topic=topic.name, pace=pace, own_topic=own_topic)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def say(service: Service, *, records: int, facts: int) -> list[UUID]:
    """Say some facts about some records, one after the other, in turns."""
    appends = [an_append() for _ in range(records)]
    for append in appends:
        await service.log.append(append)
    for at in range(1, facts):
        for append in appends:
            await service.log.append(an_append(append.record, at=at))
    return [append.record for append in appends]


async def drained(service: Service) -> None:
    """Wait until nothing is left to send."""

    async def is_empty() -> bool:
        return bool(await service.value("count_outbox") == 0)

    await until(is_empty)


@dataclass
class Faulty:
    """Makes real producers in which some parcels fail; counts how many producers were asked for.

    Shape: a parcel that timed out was carried out all the same.
    """

    servers: str
    fails: Callable[[int], BaseException | None]
    made: int = 0
    sends: int = 0
    stopped: int = 0

    async def make(self) -> AIOKafkaProducer:
        """A producer whose parcels go through `send` below."""
        producer = await make_producer(self.servers)()
        self.made += 1
        really_send, really_stop = producer.send_batch, producer.stop

        async def send(batch: Any, topic: str, *, partition: int) -> "asyncio.Future[Any]":
            self.sends += 1
            error = self.fails(self.sends)
            if error is None:
                sent: asyncio.Future[Any] = await really_send(batch, topic, partition=partition)
                return sent
            if isinstance(error, RequestTimedOutError):
                await (await really_send(batch, topic, partition=partition))
            failed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            if not isinstance(error, Unanswered):
                failed.set_exception(error)
            return failed

        async def stop() -> None:
            self.stopped += 1
            await really_stop()

        producer.send_batch, producer.stop = send, stop
        return producer


class Unanswered(Exception):
    """The send is never answered, neither way."""
