"""One connection through a proxy: two ways, and a snare that may end it at stated bytes."""

import asyncio
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.faults.proxy_way import Way

CHUNKS_UNDER_WAY = 64
SEAM_BYTES = 256
RESET_AT_CLOSE = struct.pack("ii", 1, 0)
HUNG_UP = (ConnectionError, TimeoutError)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
UnderWay = asyncio.Queue[tuple[float, bytes]]


@dataclass
class Snare:
    """Ends a connection on which these bytes are sent, so many times.

    Shape: bytes that are let pass are carried out and answered there; the answer is not passed on.
    """

    mark: bytes
    lets_pass: bool
    times: int = 1
    caught: int = 0

    def catches(self, before: bytes, data: bytes) -> bool:
        """Whether the mark ends in these bytes, and is still to be caught."""
        seam = before[1 - len(self.mark) :] if len(self.mark) > 1 else b""
        if self.caught >= self.times or self.mark not in seam + data:
            return False
        self.caught += 1
        return True


class Link:
    """Passes one connection on until one side, or the proxy, ends it."""

    def __init__(self, near: Streams, there: Way, back: Way, snares: Sequence[Snare]) -> None:
        """Take a connection over; `snares` may grow while it stands."""
        self._near, self._there, self._back, self._snares = near, there, back, snares
        self._writers = [near[1]]
        self._last_sent = b""
        self._is_caught = False

    async def run(self, host: str, port: int) -> None:
        """Pass bytes on, both ways, until both have ended.

        Raises: ConnectionError.
        """
        far = await asyncio.open_connection(host, port)
        self._writers.append(far[1])
        pumps = (
            asyncio.ensure_future(self._pump(self._there, self._near[0], far[1])),
            asyncio.ensure_future(self._pump(self._back, far[0], self._near[1])),
        )
        try:
            await asyncio.gather(*pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            if self._is_caught:
                self.hang_up(is_reset=True)

    def hang_up(self, *, is_reset: bool) -> None:
        """Close both sides; a reset tells them that what they sent may be lost."""
        for writer in self._writers:
            if is_reset:
                sock = writer.get_extra_info("socket")
                with suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
                writer.transport.abort()
            else:
                writer.close()

    async def _pump(
        self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        under_way: UnderWay = asyncio.Queue(CHUNKS_UNDER_WAY)
        taking = asyncio.ensure_future(_take(way, reader, under_way))
        clock = asyncio.get_running_loop().time
        try:
            while True:
                due_at, data = await under_way.get()
                await asyncio.sleep(max(0.0, due_at - clock()))
                await way.let_through(data)
                if not data:
                    return _end_way(writer)
                self._spring(way, data)
                writer.write(data)
                await writer.drain()
        finally:
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)

    def _spring(self, way: Way, data: bytes) -> None:
        """End the connection where the snare says so.

        Raises: ConnectionResetError, before the bytes are passed on.
        """
        if way is self._back:
            if self._is_caught:
                raise ConnectionResetError
            return
        before, self._last_sent = self._last_sent, (self._last_sent + data)[-SEAM_BYTES:]
        for snare in self._snares:
            if snare.catches(before, data):
                self._is_caught = True
                if not snare.lets_pass:
                    raise ConnectionResetError


async def _take(way: Way, reader: asyncio.StreamReader, under_way: UnderWay) -> None:
    """Read one side to its end, and note when each piece is due."""
    clock, due_at, data = asyncio.get_running_loop().time, 0.0, b"-"
    while data:
        try:
            data = await reader.read(way.bytes_at_once())
        except HUNG_UP:
            data = b""
        due_at = max(due_at, way.due_at(clock()))
        await under_way.put((due_at, data))


def _end_way(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, RuntimeError):
        writer.write_eof()
