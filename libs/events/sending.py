"""Hands facts to Kafka in whole batches, one partition's in their order."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from libs.events.letter import Letter

BATCH_BYTES = 1 << 18
"""How much of a partition travels together, uncompressed; a larger message goes alone."""

VALUE_BYTES_MAX = (1 << 20) - 2048
"""What Kafka takes of a message by default, less more than any key and headers need."""


class Parcel(NamedTuple):
    """Facts of one partition that Kafka takes together, or none of them."""

    partition: int
    positions: list[int]
    acknowledged: "asyncio.Future[Any]"


@dataclass
class Handed:
    """What is under way, in its order, and what Kafka will never take."""

    parcels: list[Parcel] = field(default_factory=list)
    refused: list[Letter] = field(default_factory=list)


class Sending:
    """Sends letters on one topic; behind a refused one nothing of its record is sent any more."""

    def __init__(self, producer: AIOKafkaProducer, topic: str) -> None:
        """Send with this producer, whose batches hold `BATCH_BYTES`."""
        self._producer = producer
        self._topic = topic
        self._refused: set[bytes] = set()

    async def hand_over(self, letters: Iterable[Letter]) -> Handed:
        """Give the letters to the producer, which sends them as it can.

        Raises: KafkaError, when it takes no more.
        """
        handed, filling = Handed(), dict[int, _Filling]()
        partitions = len(await self._producer.partitions_for(self._topic))
        for letter in letters:
            if letter.key in self._refused:
                continue
            if len(letter.value) > VALUE_BYTES_MAX:
                self._refused.add(letter.key)
                handed.refused.append(letter)
                continue
            partition = partition_of(letter.key, partitions)
            parcel = filling.get(partition)
            if parcel is None or not parcel.takes(letter):
                if parcel is not None:
                    await self._send(handed, partition, parcel)
                filling[partition] = _Filling(self._producer.create_batch(), letter)
        for partition, parcel in filling.items():
            await self._send(handed, partition, parcel)
        return handed

    async def _send(self, handed: Handed, partition: int, parcel: "_Filling") -> None:
        parcel.batch.close()
        sent = await self._producer.send_batch(parcel.batch, self._topic, partition=partition)
        handed.parcels.append(Parcel(partition, parcel.positions, sent))


class _Filling:
    """A parcel that may take some more."""

    __slots__ = ("batch", "positions")

    def __init__(self, batch: Any, first: Letter) -> None:
        self.batch = batch
        self.positions: list[int] = []
        self.takes(first)

    def takes(self, letter: Letter) -> bool:
        """Whether there was room for it; the first always finds some."""
        position, key, value, headers = letter
        if self.batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
            return False
        self.positions.append(position)
        return True


@lru_cache(maxsize=1 << 16)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition that every Kafka client chooses for a key.

    Why: kept, because the hash is reckoned in Python and most records have several facts.
    """
    number: int = DefaultPartitioner()(key, range(partitions), ())
    return number


def acknowledged_beginning(
    parcels: Sequence[Parcel],
) -> tuple[list[int], BaseException | None]:
    """The places that may be deleted: per partition, up to the first that was not acknowledged."""
    broken: set[int] = set()
    places: list[int] = []
    trouble: BaseException | None = None
    for parcel in parcels:
        error = _error_of(parcel.acknowledged)
        if error is not None:
            broken.add(parcel.partition)
            trouble = trouble or error
        elif parcel.partition not in broken:
            places += parcel.positions
    return places, trouble


def _error_of(future: "asyncio.Future[Any]") -> BaseException | None:
    if not future.done():
        return TimeoutError(
            "Kafka did not acknowledge in time; whether it has the message is unknown"
        )
    if future.cancelled():
        return TimeoutError("the send was cancelled")
    return future.exception()
