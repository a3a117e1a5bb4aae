"""Reads the stretch of a topic that a rebuild is about, up to the end it had at the start."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.events.hearing import Aside, read_heard
from libs.events.recorded import Recorded
from libs.events.replay_hand import Hand
from libs.events.replay_wanted import ReplayRefused, Scope
from libs.events.values import Owner

LOG = structlog.get_logger("replay")
FETCH_MILLISECONDS = 500
Reading = Recorded | Aside


@dataclass(frozen=True)
class Spoken:
    """A topic as its speaker fills it."""

    servers: str
    topic: str
    owner: Owner


@dataclass
class Stretch:
    """The part of a topic to read, open for reading.

    Units: `total` in messages.
    """

    consumer: Any
    spoken: Spoken
    ends: dict[TopicPartition, int]
    total: int

    async def batches(self, hand: Hand) -> AsyncIterator[list[Reading]]:
        """The messages, some at a time, as facts where they can be read as ours."""
        read, open_places = 0, await self._unread(set(self.ends))
        while open_places:
            await hand.go_on(read)
            batches = await self.consumer.getmany(
                *open_places, timeout_ms=FETCH_MILLISECONDS, max_records=hand.batch_messages
            )
            heard = [
                one
                for place, messages in batches.items()
                for one in messages
                if one.offset < self.ends[place]
            ]
            if heard:
                read += len(heard)
                yield [_read(one, self.spoken) for one in heard]
            open_places = await self._unread(open_places)

    async def _unread(self, places: set[TopicPartition]) -> set[TopicPartition]:
        return {one for one in places if await self.consumer.position(one) < self.ends[one]}


@asynccontextmanager
async def open_stretch(spoken: Spoken, scope: Scope) -> AsyncIterator[Stretch]:
    """The stretch of the topic that the scope means, ready to be read.

    Raises: ReplayRefused, when it does not lie on the topic.
    """
    consumer = AIOKafkaConsumer(
        spoken.topic,
        bootstrap_servers=spoken.servers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        places = await _all_partitions(consumer, spoken.topic)
        numbers = [one.partition for one in places]
        if scope.partition is not None and scope.partition not in numbers:
            message = f"{spoken.topic} has the partitions {numbers[0]} to {numbers[-1]}"
            raise ReplayRefused(message)
        stretches = await _chosen(consumer, places, scope)
        yield Stretch(
            consumer=consumer,
            spoken=spoken,
            ends={place: last for place, (_, last) in stretches.items()},
            total=sum(last - first for first, last in stretches.values()),
        )
    finally:
        await consumer.stop()


async def _chosen(
    consumer: Any, places: list[TopicPartition], scope: Scope
) -> dict[TopicPartition, tuple[int, int]]:
    beginnings = await consumer.beginning_offsets(places)
    ends = await consumer.end_offsets(places)
    chosen = {one: scope.stretch(one.partition, beginnings[one], ends[one]) for one in places}
    stretches = {one: stretch for one, stretch in chosen.items() if stretch is not None}
    for place, (first, _) in stretches.items():
        consumer.seek(place, first)
    return stretches


async def _all_partitions(consumer: Any, topic: str) -> list[TopicPartition]:
    """The partitions that a consumer without a group was given: all there are."""
    for _ in range(50):
        if places := consumer.assignment():
            return sorted(places)
        await asyncio.sleep(0.1)
    message = f"Kafka knows no topic {topic}"
    raise ReplayRefused(message)


def _read(message: Any, spoken: Spoken) -> Reading:
    """The fact a message carries, or the message set aside; what is no fact of ours is left out.

    Why: were it one of ours, its record would show a gap or the digests would differ.
    """
    reading = read_heard(message, {spoken.topic: spoken.owner})
    if isinstance(reading, Aside):
        place = {"topic": spoken.topic, "partition": message.partition, "offset": message.offset}
        LOG.warning("message_left_out", **place, reason=reading.reason.value, detail=reading.detail)
    return reading
