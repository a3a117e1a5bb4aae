"""Relays that run, and producers that fail on purpose."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import RequestTimedOutError

from libs.events.own_topic import OwnTopic
from libs.events.relay import MakeProducer, Pace, Relay, make_producer
from tests.integration.libs.events.pieces import Service, Topic

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


@dataclass
class Faulty:
    """Makes real producers in which some sends fail; counts how many producers were asked for.

    Shape: a send that timed out was carried out all the same.
    """

    servers: str
    fails: Callable[[int], BaseException | None]
    made: int = 0
    sends: int = 0
    stopped: int = 0
    hanging: list["asyncio.Future[Any]"] = field(default_factory=list)

    async def make(self) -> AIOKafkaProducer:
        """A producer whose sends go through `send` below."""
        producer = await make_producer(self.servers)()
        self.made += 1
        really_send, really_stop = producer.send, producer.stop

        async def send(topic: str, **message: Any) -> "asyncio.Future[Any]":
            self.sends += 1
            error = self.fails(self.sends)
            if error is None:
                sent: asyncio.Future[Any] = await really_send(topic, **message)
                return sent
            if isinstance(error, RequestTimedOutError):
                await (await really_send(topic, **message))
            failed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            if not isinstance(error, Unanswered):
                failed.set_exception(error)
            return failed

        async def stop() -> None:
            self.stopped += 1
            await really_stop()

        producer.send, producer.stop = send, stop
        return producer


class Unanswered(Exception):
    """The send is never answered, neither way."""
