"""A caller who takes little of the machine, because what is measured runs on it, too."""

import asyncio
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from tests.bench.load import NotServed

HOST = "127.0.0.1"
_LENGTH = re.compile(rb"^content-length: *(\d+)\r$", re.IGNORECASE | re.MULTILINE)
_CREATED = f"HTTP/1.1 {HTTPStatus.CREATED.value} ".encode()


class LeanCaller:
    """Asks one door for something to be created, over connections that are kept.

    Why: of the processor a request took httpx 1.0 ms and httpcore 0.6, a tenth of all that the
         request cost on its whole way; by hand it takes 0.02.
    """

    def __init__(self, port: int, path: str) -> None:
        """Ask at this path of this port."""
        self._port = port
        self._path = path
        self._free: list[tuple[StreamReader, StreamWriter]] = []

    async def ask(self, body: bytes, key: str) -> bytes:
        """The body of the answer to a JSON body under an Idempotency-Key.

        Raises: NotServed, when the answer was not that something was created.
        """
        connection = self._free.pop() if self._free else await self._connect()
        reader, writer = connection
        writer.write(self._head(len(body), key) + body)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if length is None or not head.startswith(_CREATED):
            message = f"{self._path}: {head[:80]!r}"
            raise NotServed(message)
        content = await reader.readexactly(int(length[1]))
        self._free.append(connection)
        return content

    async def leave(self) -> None:
        """Close what is open."""
        for _, writer in self._free:
            writer.close()

    async def _connect(self) -> tuple[StreamReader, StreamWriter]:
        return await asyncio.open_connection(HOST, self._port)

    def _head(self, length: int, key: str) -> bytes:
        return (
            f"POST {self._path} HTTP/1.1\r\nHost: {HOST}:{self._port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n"
            f"Idempotency-Key: {key}\r\n\r\n"
        ).encode()


@asynccontextmanager
async def lean_caller(port: int, path: str) -> AsyncIterator[LeanCaller]:
    """A caller, whose connections are closed afterwards."""
    caller = LeanCaller(port, path)
    try:
        yield caller
    finally:
        await caller.leave()
