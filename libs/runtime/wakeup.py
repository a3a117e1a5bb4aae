"""Wakes the relay of a service from the process that has its doors; a lost word costs a moment.

Why: the relay looks into the outbox a few times a second anyway. A word for each commit through
     Postgres (NOTIFY) would make the commits wait for each other.
"""

import asyncio
import socket
from contextlib import suppress

import structlog

LOG = structlog.get_logger("runtime")
HOST = "127.0.0.1"
WORD = b"appended"


class _Ear(asyncio.DatagramProtocol):
    """Sets an event for each word."""

    def __init__(self, appended: asyncio.Event) -> None:
        self._appended = appended

    def datagram_received(self, _data: bytes, _sender: object) -> None:
        """Whoever it was, and whatever was said: looking once more harms nobody."""
        self._appended.set()


async def hear_appends(appended: asyncio.Event, port: int) -> None:
    """Set the event whenever another process says that it appended, for ever."""
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Ear(appended), local_addr=(HOST, port)
        )
    except OSError:
        LOG.warning("wakeup_not_heard", port=port)
        await loop.create_future()
    try:
        await loop.create_future()
    finally:
        transport.close()


async def tell_appends(appended: asyncio.Event, port: int) -> None:
    """Say for each append of this process that there was one, for ever."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(0)
        while True:
            await appended.wait()
            appended.clear()
            with suppress(OSError):  # nobody hears, or the line is full: the relay looks by itself
                line.sendto(WORD, (HOST, port))
