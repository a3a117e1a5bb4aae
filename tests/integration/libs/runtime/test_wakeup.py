"""A process with doors wakes the one with the relay."""

import asyncio
import socket
from contextlib import suppress

from libs.runtime.ground import make_key_cache
from libs.runtime.settings import SharedSettings
from libs.runtime.wakeup import hear_appends, tell_appends

WAIT_SECONDS = 10.0


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


async def ended(task: asyncio.Task[None]) -> None:
    """Put a part away."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_append_in_one_process_is_heard_in_the_other() -> None:
    """Each append is told, also one that comes before anybody hears and one after that."""
    port, here, there = free_port(), asyncio.Event(), asyncio.Event()
    telling = asyncio.create_task(tell_appends(here, port))
    here.set()
    for _ in range(3):
        await asyncio.sleep(0)
    hearing = asyncio.create_task(hear_appends(there, port))
    async with asyncio.timeout(WAIT_SECONDS):
        while not there.is_set():
            here.set()
            await asyncio.sleep(0)
    assert not telling.done()
    await ended(telling)
    await ended(hearing)


async def test_port_that_is_taken_ends_nobody() -> None:
    """The relay looks by itself; a word that cannot be heard is no reason to stop."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        hearing = asyncio.create_task(hear_appends(asyncio.Event(), line.getsockname()[1]))
        done, _ = await asyncio.wait([hearing], timeout=0.2)
    assert not done
    await ended(hearing)


def test_process_that_hears_nobody_remembers_no_key() -> None:
    """D8: a destroyed key is unreadable at once where the broadcast of its end is not heard."""
    from tests.unit.libs.keyring.test_cache import key_of

    for role, kept in (("http", 0), ("all", 1), ("bus", 1)):
        cache, key = make_key_cache(SharedSettings(role=role)), key_of()
        cache.put(key.record, key.category, key, cache.mark())
        assert len(cache) == kept
