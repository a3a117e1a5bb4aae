"""One direction through a proxy: how long bytes take, how many go at once, whether any do."""

import asyncio
from dataclasses import dataclass, field
from random import Random

CHUNK_BYTES = 65_536
PACES_A_SECOND = 20


@dataclass
class Way:
    """What one direction does to bytes from now on, and how many it let through.

    Shape: a blocked way holds what comes, as a network does that loses every packet: it goes on
    when the way is open again.
    Units: seconds; bytes; `jitter_seconds` is the most that chance adds to the delay.
    """

    chance: Random
    delay_seconds: float = 0.0
    jitter_seconds: float = 0.0
    bytes_per_second: float | None = None
    slice_bytes: int = CHUNK_BYTES
    passed_bytes: int = 0
    held_bytes: int = 0
    _opened: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Open at first."""
        self._opened.set()

    def block(self) -> None:
        """Let nothing through any more."""
        self._opened.clear()

    def unblock(self) -> None:
        """Let through what was held, and what comes."""
        self._opened.set()

    def due_at(self, now: float) -> float:
        """When bytes that came now may go."""
        return now + self.delay_seconds + self.chance.uniform(0.0, self.jitter_seconds)

    def bytes_at_once(self) -> int:
        """How many bytes go together, so that a limited way trickles rather than stutters."""
        if self.bytes_per_second is None:
            return self.slice_bytes
        return max(1, min(self.slice_bytes, int(self.bytes_per_second / PACES_A_SECOND)))

    async def let_through(self, data: bytes) -> None:
        """Come back when these bytes may go on."""
        if not self._opened.is_set():
            self.held_bytes += len(data)
        await self._opened.wait()
        if self.bytes_per_second is not None:
            await asyncio.sleep(len(data) / self.bytes_per_second)
        self.passed_bytes += len(data)
