"""A TCP proxy that stands between a part and what it needs, and does to the bytes what it is told.

Why: the kernel delays, limits and cuts whole machines; a test wants one connection of one part.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from tests.faults.proxy_link import HUNG_UP, Link, Snare
from tests.faults.proxy_way import Way

LOOPBACK = "127.0.0.1"


class Proxy:
    """Passes connections on to one address.

    Shape: `there` and `back` are the two ways, of all connections; `snares` end connections at
    stated bytes; `made` counts connections ever. A blocked proxy still takes connections: what
    is said on them is not answered.
    """

    def __init__(self, host: str, port: int, chance: Random) -> None:
        """Stand before an address; nothing is listened to yet."""
        self.there, self.back = Way(chance), Way(chance)
        self.snares: list[Snare] = []
        self.port = 0
        self.made = 0
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._links: dict[asyncio.Task[None], Link] = {}

    @property
    def links(self) -> int:
        """How many connections stand."""
        return len(self._links)

    async def accept(self) -> None:
        """Listen, on the port of before when there was one."""
        self._server = await asyncio.start_server(self._pass_on, LOOPBACK, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Listen no more: who calls is refused; connections that stand go on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def cut(self) -> int:
        """Hang up on everybody; gives on how many."""
        return self._end(is_reset=False)

    def reset(self) -> int:
        """Break every connection off, as a machine does that was started anew; gives how many."""
        return self._end(is_reset=True)

    def block(self) -> None:
        """Let nothing through, either way: nobody is refused and nobody is answered."""
        self.there.block()
        self.back.block()

    def unblock(self) -> None:
        """Let through what was held, and what comes."""
        self.there.unblock()
        self.back.unblock()

    async def close(self) -> None:
        """Listen no more, and hang up."""
        self.refuse()
        tasks = [*self._links]
        self.cut()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self, *, is_reset: bool) -> int:
        ended = [*self._links.items()]
        for task, link in ended:
            link.hang_up(is_reset=is_reset)
            task.cancel()
        return len(ended)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self.made += 1
        link = self._links[task] = Link((reader, writer), self.there, self.back, self.snares)
        try:
            await link.run(*self._target)
        except (asyncio.CancelledError, *HUNG_UP):
            pass  # hanging up is what a proxy is for; both ends have seen it
        finally:
            del self._links[task]
            link.hang_up(is_reset=False)


@asynccontextmanager
async def proxied(
    port: int, *, host: str = LOOPBACK, chance: Random | None = None
) -> AsyncIterator[Proxy]:
    """A proxy before a port, listening on `Proxy.port`."""
    proxy = Proxy(host, port, chance or Random(0))
    await proxy.accept()
    try:
        yield proxy
    finally:
        await proxy.close()
