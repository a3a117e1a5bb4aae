"""The proxy does what it is told, on real sockets, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from tests.faults.proxy import LOOPBACK, Proxy, proxied
from tests.faults.proxy_link import Snare

ANSWER_SECONDS = 10.0
SAID = b"begin; insert; COMMIT;"


@asynccontextmanager
async def _echo(heard: list[bytes]) -> AsyncIterator[int]:
    """A server that notes what it hears and says it again; gives its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                heard.append(data)
                writer.write(data)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
def heard() -> list[bytes]:
    """What the server behind the proxy heard."""
    return []


@pytest.fixture
async def proxy(heard: list[bytes]) -> AsyncIterator[Proxy]:
    """A proxy before a server that says everything again."""
    async with _echo(heard) as port, proxied(port) as proxy:
        yield proxy


class _Caller:
    """One connection to the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, data: bytes) -> bytes:
        """Say something, and hear as much."""
        self.writer.write(data)
        await self.writer.drain()
        return await asyncio.wait_for(self.reader.readexactly(len(data)), ANSWER_SECONDS)


@asynccontextmanager
async def _calling(proxy: Proxy) -> AsyncIterator[_Caller]:
    reader, writer = await asyncio.open_connection(LOOPBACK, proxy.port)
    try:
        yield _Caller(reader, writer)
    finally:
        writer.close()


async def _until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(ANSWER_SECONDS):
        while not reached():  # noqa: ASYNC110 - sockets are waited for
            await asyncio.sleep(0.001)


async def test_bytes_go_both_ways_as_they_are(proxy: Proxy, heard: list[bytes]) -> None:
    """Untold, it changes nothing and counts."""
    data = bytes(range(256)) * 4096
    async with _calling(proxy) as caller:
        assert await caller.say(data) == data
    assert b"".join(heard) == data
    assert (proxy.there.passed_bytes, proxy.back.passed_bytes) == (len(data), len(data))


async def test_an_end_is_passed_on(proxy: Proxy) -> None:
    """Who has said everything is still answered, and then the connection is gone."""
    async with _calling(proxy) as caller:
        caller.writer.write(b"last words")
        caller.writer.write_eof()
        assert await asyncio.wait_for(caller.reader.read(), ANSWER_SECONDS) == b"last words"
    await _until(lambda: proxy.links == 0)


async def test_a_delay_is_waited_out_both_ways(proxy: Proxy) -> None:
    """A delayed way is late by at least its delay, once for bytes that come together."""
    proxy.there.delay_seconds, proxy.back.delay_seconds = 0.1, 0.2
    clock = asyncio.get_running_loop().time
    async with _calling(proxy) as caller:
        began = clock()
        await caller.say(b"x" * 200_000)
        assert clock() - began >= 0.3


async def test_jitter_keeps_the_order(proxy: Proxy) -> None:
    """However late by chance, what was said first comes first."""
    proxy.there.jitter_seconds, proxy.there.slice_bytes = 0.02, 7
    data = bytes(range(200))
    async with _calling(proxy) as caller:
        assert await caller.say(data) == data


async def test_slices_are_what_arrives(proxy: Proxy, heard: list[bytes]) -> None:
    """A sliced way is read piece by piece: the parts of a message come one by one."""
    proxy.there.slice_bytes, proxy.there.bytes_per_second = 3, 100.0
    async with _calling(proxy) as caller:
        await caller.say(b"123456789")
    assert len(heard) > 1


async def test_a_limit_is_kept(proxy: Proxy) -> None:
    """So many bytes a second, and no more."""
    proxy.back.bytes_per_second = 10_000
    clock = asyncio.get_running_loop().time
    async with _calling(proxy) as caller:
        began = clock()
        await caller.say(b"x" * 3000)
        assert clock() - began >= 0.29


async def test_a_blocked_way_holds_and_then_goes_on(proxy: Proxy, heard: list[bytes]) -> None:
    """Nothing passes a blocked proxy and nobody is refused; open again, all of it arrives."""
    proxy.block()
    async with _calling(proxy) as caller:
        answer = asyncio.create_task(caller.say(b"patience"))
        await _until(lambda: proxy.there.held_bytes == len(b"patience"))
        assert (heard, answer.done()) == ([], False)
        proxy.unblock()
        assert await answer == b"patience"


async def test_one_way_alone_can_be_blocked(proxy: Proxy, heard: list[bytes]) -> None:
    """With only the way back blocked the deed is done and the answer does not come."""
    proxy.back.block()
    async with _calling(proxy) as caller:
        answer = asyncio.create_task(caller.say(b"done?"))
        await _until(lambda: proxy.back.held_bytes > 0)
        assert (heard, answer.done()) == ([b"done?"], False)
        proxy.back.unblock()
        assert await answer == b"done?"


async def test_cutting_hangs_up_on_everybody(proxy: Proxy) -> None:
    """A cut connection ends at both sides; the next one is served."""
    async with _calling(proxy) as one, _calling(proxy) as two:
        await one.say(b"1")
        await two.say(b"2")
        assert proxy.cut() == 2
        assert await asyncio.wait_for(one.reader.read(), ANSWER_SECONDS) == b""
        assert await asyncio.wait_for(two.reader.read(), ANSWER_SECONDS) == b""
    async with _calling(proxy) as three:
        assert await three.say(b"3") == b"3"
    assert proxy.made == 3


async def test_a_reset_is_felt_as_one(proxy: Proxy) -> None:
    """A connection that is broken off says so: it does not look like a polite end."""
    async with _calling(proxy) as caller:
        await caller.say(b"1")
        assert proxy.reset() == 1
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(caller.reader.read(), ANSWER_SECONDS)


async def test_refusing_leaves_those_who_are_in(proxy: Proxy) -> None:
    """New callers are refused, old ones served; when it accepts again the port is the same."""
    async with _calling(proxy) as caller:
        await caller.say(b"1")
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(LOOPBACK, proxy.port)
        assert await caller.say(b"2") == b"2"
        await proxy.accept()
        async with _calling(proxy) as other:
            assert await other.say(b"3") == b"3"


@pytest.mark.parametrize("lets_pass", [True, False], ids=["after", "before"])
async def test_a_snare_ends_the_connection_at_its_bytes(
    proxy: Proxy, heard: list[bytes], *, lets_pass: bool
) -> None:
    """The caller hears nothing either way; the server has the bytes, or has them not."""
    proxy.snares.append(Snare(b"COMMIT;", lets_pass=lets_pass))
    async with _calling(proxy) as caller:
        await caller.say(SAID[:-4])
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await caller.say(SAID[-4:])
    assert proxy.snares[0].caught == 1
    assert (b"".join(heard) == SAID) == lets_pass
    async with _calling(proxy) as again:
        assert await again.say(SAID) == SAID


async def test_a_server_that_is_away_ends_the_connection() -> None:
    """Where nobody listens behind the proxy, the caller is hung up on."""
    async with _echo([]) as port:
        pass
    async with proxied(port) as proxy, _calling(proxy) as caller:
        assert await asyncio.wait_for(caller.reader.read(), ANSWER_SECONDS) == b""
