"""The hand on a rebuild: how fast it may go, and pause, resume and cancel."""

import asyncio
import math
import time

from libs.events.replay_wanted import ReplayCancelled

SLICES_PER_SECOND = 4
BATCH_MESSAGES_MAX = 5000


class Hand:
    """Holds a rebuild back; `go_on` is asked between two batches."""

    def __init__(self, messages_per_second: float | None) -> None:
        """Let it run, at most this fast."""
        self._allowed_per_second = messages_per_second
        self._may_go_on = asyncio.Event()
        self._may_go_on.set()
        self._cancelled = asyncio.Event()
        self._began_at = time.monotonic()
        self._paused_at: float | None = None
        self._paused_seconds = 0.0

    @property
    def batch_messages(self) -> int:
        """How many messages to read at once, so that a slow rebuild goes evenly."""
        if self._allowed_per_second is None:
            return BATCH_MESSAGES_MAX
        slice_messages = math.ceil(self._allowed_per_second / SLICES_PER_SECOND)
        return min(BATCH_MESSAGES_MAX, slice_messages)

    @property
    def is_paused(self) -> bool:
        """Whether somebody paused it."""
        return self._paused_at is not None

    @property
    def seconds(self) -> float:
        """How long it has been at work, pauses left out."""
        until = time.monotonic() if self._paused_at is None else self._paused_at
        return until - self._began_at - self._paused_seconds

    def pause(self) -> None:
        """Stop before the next batch."""
        if self._paused_at is None:
            self._paused_at = time.monotonic()
            self._may_go_on.clear()

    def resume(self) -> None:
        """Go on."""
        if self._paused_at is not None:
            self._paused_seconds += time.monotonic() - self._paused_at
            self._paused_at = None
            self._may_go_on.set()

    def cancel(self) -> None:
        """End before the next batch, also when it is paused."""
        self._cancelled.set()
        self._may_go_on.set()

    async def go_on(self, read: int) -> None:
        """Return when the next batch may be read, after so many messages.

        Raises: ReplayCancelled.
        """
        await self._may_go_on.wait()
        while not self._cancelled.is_set() and (ahead := self._seconds_ahead(read)) > 0:
            await _until(self._cancelled, ahead)
            await self._may_go_on.wait()
        if self._cancelled.is_set():
            message = "the rebuild was cancelled"
            raise ReplayCancelled(message)

    def _seconds_ahead(self, read: int) -> float:
        """How much earlier than allowed so many messages were read."""
        if self._allowed_per_second is None:
            return 0.0
        return read / self._allowed_per_second - self.seconds


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
