"""Waiting for what a process needs, and saying what it waits for; start order does not matter."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from libs.events.errors import Unavailable

LOG = structlog.get_logger("waiting")
PAUSE_SECONDS_FIRST = 0.1
PAUSE_SECONDS_MAX = 2.0
SAY_AGAIN_SECONDS = 10.0

Probe = Callable[[], Awaitable[None]]
"""Answers when the part is there.

Raises: Unavailable, when it is not; the text says in a few words what is missing.
"""


async def wait_for(part: str, probe: Probe) -> None:
    """Come back when the part is there; say at once and then now and then that it is not."""
    loop = asyncio.get_running_loop()
    begun_at, said_at, pause_seconds = loop.time(), float("-inf"), PAUSE_SECONDS_FIRST
    while True:
        try:
            await probe()
        except Unavailable as error:
            if loop.time() - said_at >= SAY_AGAIN_SECONDS:
                LOG.info("waiting", waiting_for=part, reason=str(error))
                said_at = loop.time()
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(PAUSE_SECONDS_MAX, pause_seconds * 2)
        else:
            LOG.info("found", waiting_for=part, seconds=round(loop.time() - begun_at, 2))
            return
