"""What a long storm tells while it runs."""

import asyncio
import time
from collections.abc import Callable
from resource import RUSAGE_SELF, getrusage

from tests.storm.faults import Toll
from tests.storm.history import Heard

Tell = Callable[[str], None]
TELL_EVERY_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.5
COMPLAINTS_MAX = 5


def silent(line: str) -> None:
    """Tell nobody."""


class Watch:
    """Sees how a storm goes on, says so now and then, and when it is over."""

    def __init__(self, heard: Heard, toll: Toll, tell: Tell) -> None:
        """Begin to count the time."""
        self._heard, self._toll, self._tell = heard, toll, tell
        self._began = self._told = time.monotonic()
        self._operations_told = 0
        self._complaints_told: set[str] = set()

    async def until(self, seconds: float, operations: int) -> None:
        """Wait for the end of the time or for so many operations, whichever comes first."""
        while self._heard.total < operations and time.monotonic() - self._began < seconds:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            if time.monotonic() - self._told >= TELL_EVERY_SECONDS:
                self._say()

    def _say(self) -> None:
        now, total = time.monotonic(), self._heard.total
        pace = (total - self._operations_told) / (now - self._told)
        self._told, self._operations_told = now, total
        complaints = self._heard.complaints
        hit, missed = self._toll.hit.total(), self._toll.missed.total()
        self._tell(
            f"{now - self._began:6.0f} s  {total:8} operations  {pace:5.0f} a second  "
            f"{hit} faults hit, {missed} missed  {len(complaints)} complaints"
        )
        fresh = [one for one in complaints if one not in self._complaints_told]
        for one in fresh[:COMPLAINTS_MAX]:
            self._tell(f"          {one}")
        self._complaints_told.update(fresh)


class Stages:
    """Tells how long each stage of a storm took, and how much memory the storm itself."""

    def __init__(self, tell: Tell) -> None:
        """The first stage begins."""
        self._tell = tell
        self._began = time.monotonic()

    def ended(self, stage: str) -> float:
        """A stage is over and the next begins; gives its seconds."""
        now = time.monotonic()
        took_seconds, self._began = now - self._began, now
        most_megabytes = getrusage(RUSAGE_SELF).ru_maxrss // 1000
        self._tell(f"{stage} in {took_seconds:.0f} s, at most {most_megabytes} MB held here")
        return took_seconds
