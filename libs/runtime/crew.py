"""The long-running parts of a process: when one ends, the process is to end."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from libs.doors.last_resort import where

LOG = structlog.get_logger("runtime")


class PartEnded(RuntimeError):
    """A part that should run for ever ended; the process ends too, and is started again."""


class Crew:
    """Runs parts beside each other; none is ever expected to end by itself."""

    def __init__(self) -> None:
        """Nobody runs yet."""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()

    def start(self, part: str, work: Coroutine[Any, Any, None]) -> None:
        """Run a part until it is dismissed."""
        task = asyncio.create_task(work, name=part)
        self._tasks[part] = task
        task.add_done_callback(lambda _: self._changed.set())
        self._changed.set()

    def runs(self, part: str) -> bool:
        """Whether the part was started and has not ended."""
        task = self._tasks.get(part)
        return task is not None and not task.done()

    async def first_end(self) -> None:
        """Wait until a part ends.

        Raises: PartEnded, with the part's name; why is in the log by kind and place.
        """
        while True:
            await self._changed.wait()
            self._changed.clear()
            for part, task in self._tasks.items():
                if task.done():
                    _tell(part, task)
                    raise PartEnded(part)

    async def dismiss(self, part: str) -> None:
        """Stop a part and wait until it has let go of what it held; no trouble if it never ran."""
        task = self._tasks.pop(part, None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def finish(
        self, part: str, stop: Callable[["asyncio.Task[None]"], Awaitable[None]]
    ) -> None:
        """Let a part finish in its own way, and stop it when that does not end it."""
        task = self._tasks.get(part)
        if task is not None:
            await stop(task)
            await self.dismiss(part)

    async def dismiss_all(self) -> None:
        """Stop every part, the last started first."""
        for part in reversed(list(self._tasks)):
            await self.dismiss(part)


def _tell(part: str, task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is None:
        LOG.error("part_ended", part=part)
    else:
        LOG.error("part_failed", part=part, kind=type(error).__name__, place=where(error))
