"""What is to be kept at the same time shares a commit; one that fails does not fail the others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from libs.events.errors import Unavailable

Item = TypeVar("Item")
Kept = TypeVar("Kept")


class GroupCommit(Generic[Item, Kept]):
    """Gathers what waits while others commit, and commits it together.

    Shape: `commit` gives for each item what was kept of it. Where it fails, it is asked again for
           each item alone, so what it kept all the same must not be kept twice.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Item]], Awaitable[Sequence[Kept]]],
        *,
        flushers_max: int = 2,
        group_max: int = 128,
    ) -> None:
        """Commit with `commit`, at most `flushers_max` groups at once."""
        self._commit = commit
        self._flushers_max = flushers_max
        self._group_max = group_max
        self._waiting: list[tuple[Item, asyncio.Future[Kept]]] = []
        self._flushers: set[asyncio.Task[Any] | None] = set()

    async def keep(self, item: Item) -> Kept:
        """What `commit` gave for this item, alone or in a group."""
        future: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
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
        await self._commit_group([(item, future) for item, future in group if not future.done()])

    async def _commit_group(self, group: list[tuple[Item, asyncio.Future[Kept]]]) -> None:
        try:
            kept = await self._commit([item for item, _ in group]) if group else []
        except (Unavailable, asyncio.CancelledError) as error:
            _fail(group, error)
        except Exception as error:  # noqa: BLE001 - handed to the caller whose item it is
            if len(group) == 1:
                _fail(group, error)
            else:
                for one in group:
                    await self._commit_group([one])
        else:
            for (_, future), result in zip(group, kept, strict=True):
                if not future.done():
                    future.set_result(result)


def _fail(group: list[tuple[Item, asyncio.Future[Kept]]], error: BaseException) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)
