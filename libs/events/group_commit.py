"""Concurrent appends share a commit; one that fails does not fail its neighbours."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from libs.events.errors import Unavailable
from libs.events.log import Append
from libs.events.recorded import Recorded

Written = tuple[Recorded, ...]
Commit = Callable[[Sequence[Append]], Awaitable[list[Written]]]
Waiting = tuple[Append, "asyncio.Future[Written]"]


class GroupCommit:
    """Gathers the appends that wait while others commit, and commits them together."""

    def __init__(self, commit: Commit, *, flushers_max: int = 2, group_max: int = 128) -> None:
        """Commit with `commit`, at most `flushers_max` groups at once."""
        self._commit = commit
        self._flushers_max = flushers_max
        self._group_max = group_max
        self._waiting: list[Waiting] = []
        self._flushers: set[asyncio.Task[Any] | None] = set()

    async def append(self, append: Append) -> Written:
        """What `commit` gave for this append, alone or in a group."""
        future: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, future))
        if len(self._flushers) < self._flushers_max:
            flusher = asyncio.create_task(self._flush())
            self._flushers.add(flusher)
            flusher.add_done_callback(self._flushers.discard)
        return await future

    async def _flush(self) -> None:
        """Commit until nobody waits.

        Why: it stops counting as a flusher in the same step in which it sees that nobody waits; a
             step later, who comes between would wait for a flusher that has gone.
        """
        try:
            while self._waiting:
                await self._commit_next()
        finally:
            self._flushers.discard(asyncio.current_task())

    async def _commit_next(self) -> None:
        group, self._waiting = (
            self._waiting[: self._group_max],
            self._waiting[self._group_max :],
        )
        await self._commit_group(
            [(append, future) for append, future in group if not future.done()]
        )

    async def _commit_group(self, group: list[Waiting]) -> None:
        try:
            written = await self._commit([append for append, _ in group]) if group else []
        except (Unavailable, asyncio.CancelledError) as error:
            _fail(group, error)
        except Exception as error:  # noqa: BLE001 - handed to the caller whose append it is
            if len(group) == 1:
                _fail(group, error)
            else:
                for one in group:
                    await self._commit_group([one])
        else:
            for (_, future), facts in zip(group, written, strict=True):
                if not future.done():
                    future.set_result(facts)


def _fail(group: list[Waiting], error: BaseException) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)
