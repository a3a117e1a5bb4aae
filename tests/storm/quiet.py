"""A moment in which no request is under way: the clock moves then, and not in the middle of one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SECONDS_MAX = 90.0


class Quiet:
    """Lets requests end and none begin.

    Why: an answer is kept under its idempotency key for a day, and a token is good for an hour; a
         client that asks again after a month between two tries would be a new one to anybody.
    """

    def __init__(self) -> None:
        """Nothing is under way."""
        self._open = asyncio.Event()
        self._open.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._under_way = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One request, from its first try to its last; it waits while there is to be quiet."""
        await self._open.wait()
        self._under_way += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    @asynccontextmanager
    async def moment(self) -> AsyncIterator[None]:
        """No request is under way inside.

        Raises: TimeoutError, when they do not end in time.
        """
        self._open.clear()
        try:
            await asyncio.wait_for(self._idle.wait(), SECONDS_MAX)
            yield
        finally:
            self._open.set()
