"""A topic in memory: order per key as Kafka keeps it, and repeats or delays when asked."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.events.message import Message


@dataclass(frozen=True)
class Lying:
    """A message at its place on a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@dataclass
class MemoryTopic:
    """Keeps messages by partition; the same key lies in the same partition, in order.

    Shape: `repeat_every` sends each n-th message twice, as a relay does that dies after a send.
    """

    name: str
    partitions: int = 4
    repeat_every: int = 0
    lying: list[list[Lying]] = field(default_factory=list)
    _sent: int = 0

    def __post_init__(self) -> None:
        """Make the partitions."""
        self.lying = [[] for _ in range(self.partitions)]

    async def send(self, message: Message) -> None:
        """Put the message behind those of its key."""
        self._sent += 1
        self._put(message)
        if self.repeat_every and self._sent % self.repeat_every == 0:
            self._put(message)

    def _put(self, message: Message) -> None:
        number = zlib.crc32(message.key) % self.partitions
        place = self.lying[number]
        place.append(
            Lying(self.name, number, len(place), message.key, message.value, message.headers)
        )

    async def read(self, partition: int, start: int) -> Sequence[Lying]:
        """What lies in the partition from an offset on."""
        return self.lying[partition][start:]
