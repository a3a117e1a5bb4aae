"""What a service has said on its own topic, and whether its log still knows it.

Why: a log that was restored alone lies behind its topic. It would say new facts under versions that
hearers have had already, and they would drop them as repeats.
Source: F72.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.events.catalogue import topic_of
from libs.events.database import Pool
from libs.events.errors import Unavailable
from libs.events.hearing import read_heard
from libs.events.postgres_log import database_errors
from libs.events.recorded import Recorded
from libs.events.refill import QUERIES
from libs.events.values import Owner

LOOKED_AT_MESSAGES = 100
"""Of each partition, at its end: what a relay sends at once may lie in another order than it was
kept, so the very last message alone could be one that the log still has."""

FETCH_MILLISECONDS = 500


class LogIsBehind(Unavailable):
    """The topic has facts that the log lacks; nothing is sent until they were put back."""


@dataclass(frozen=True)
class OwnTopic:
    """The topic that a service speaks on."""

    servers: str
    owner: Owner
    name: str = ""

    @property
    def topic(self) -> str:
        """Its name on the broker."""
        return self.name or topic_of(self.owner)

    async def check(self, pool: Pool) -> None:
        """Nothing, when the log knows what was said last on every partition.

        Shape:  what is no fact of this owner's, or cannot be read, is for hearers to park.
        Raises: LogIsBehind, with what to do; Unavailable, when Kafka or the database is away.
        """
        said: set[UUID] = set()
        async for messages in self.read(last_messages=LOOKED_AT_MESSAGES):
            said |= self.facts_in(messages).keys()
        with database_errors():
            lost = await pool.fetch(QUERIES["find_lost"], list(said))
        if lost:
            text = (
                f"{self.topic} has facts that the log of {self.owner} lacks, as after a restore of "
                f"this service alone; nothing is sent. Run: flux3d refill {self.owner} --from-topic"
            )
            raise LogIsBehind(text)

    async def read(self, *, last_messages: int | None = None) -> AsyncIterator[list[Any]]:
        """What lies on the topic now, some at a time, each partition in its order.

        Raises: Unavailable, when Kafka is.
        """
        try:
            async with self._reader() as reader:
                ends = await self._begin(reader, last_messages)
                while unread := [one for one, end in ends.items() if await _at(reader, one) < end]:
                    batches = await reader.getmany(*unread, timeout_ms=FETCH_MILLISECONDS)
                    for place, messages in batches.items():
                        yield [one for one in messages if one.offset < ends[place]]
                    await asyncio.sleep(0)
        except (KafkaError, OSError) as error:
            message = f"Kafka is away ({type(error).__name__}); {self.topic} was not looked at"
            raise Unavailable(message) from error

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[Any]:
        reader = AIOKafkaConsumer(self.topic, bootstrap_servers=self.servers, group_id=None)
        try:
            await reader.start()
            yield reader
        finally:
            await reader.stop()

    async def _begin(self, reader: Any, last_messages: int | None) -> dict[TopicPartition, int]:
        """Go to where to begin in each partition; gives where each ends now."""
        numbers = sorted(reader.partitions_for_topic(self.topic) or ())
        places = [TopicPartition(self.topic, number) for number in numbers]
        begins = await reader.beginning_offsets(places)
        ends: dict[TopicPartition, int] = await reader.end_offsets(places)
        for place in places:
            last = ends[place] if last_messages is None else last_messages
            reader.seek(place, max(begins[place], ends[place] - last))
        return ends

    def facts_in(self, messages: Iterable[Any]) -> dict[UUID, Recorded]:
        """The facts of this owner among some messages of its topic."""
        owners = {self.topic: self.owner}
        readings = (read_heard(one, owners) for one in messages)
        return {one.event_id: one for one in readings if isinstance(one, Recorded)}


async def _at(reader: Any, place: TopicPartition) -> int:
    offset: int = await reader.position(place)
    return offset
