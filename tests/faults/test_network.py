"""The network between a service and what it needs is cut: in both directions, and in one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from random import Random

import asyncpg
import pytest

from deploy.native.stack import SERVICES, Stack
from tests.faults.appending import QUERIES
from tests.faults.changed_parts import Change, changed, is_ready
from tests.faults.extent import Extent
from tests.faults.load import Load, loaded
from tests.faults.proxy import Proxy, proxied
from tests.faults.whole_stack import Whole
from tests.integration.libs.events.pieces import until
from tests.storm.callers import Ask
from tests.storm.processes import Processes
from tests.storm.traffic import CREATED, _request, erase

pytestmark = pytest.mark.timeout(900)
LATER_SECONDS = 120.0
SERVER_ERROR = 500
CONTROLLER = "CONTROLLER://127.0.0.1:{stack.ports.kafka_controller}"


@asynccontextmanager
async def behind_proxy(stack: Stack, service: str, database: str) -> AsyncIterator[Proxy]:
    """A service at work whose way to one database goes through a proxy."""
    setting = "KEYRING_URL" if database == "keyring" else "DATABASE_URL"
    url = stack.database_url(service, database)
    async with proxied(stack.ports.postgres) as proxy:
        moved = url.replace(f":{stack.ports.postgres}/", f":{proxy.port}/")
        settings = {f"FLUX3D_{service.upper()}_{setting}": moved}
        async with changed(stack, service, Change(settings)):
            await is_ready(stack, service)
            yield proxy


async def bytes_are_held(proxy: Proxy) -> None:
    """Wait until the partition really kept something back."""

    async def held() -> bool:
        return proxy.there.held_bytes + proxy.back.held_bytes > 0

    await until(held, seconds=LATER_SECONDS)


def heal(proxy: Proxy) -> None:
    """The way is open again; connections of before are broken, as after a real partition."""
    proxy.reset()
    proxy.there.unblock()
    proxy.back.unblock()


@pytest.mark.parametrize("way", ["there", "back"])
async def test_f49_service_is_cut_off_from_its_database(
    extent: Extent, whole: Whole, way: str
) -> None:
    """What it asks is lost, or what it is answered: nothing accepted is, and nothing is doubled."""
    async with behind_proxy(whole.stack, "quotes", "quotes") as proxy:
        async with loaded(whole.stack, seed=f"f49-{way}") as load:
            for _ in range(extent.of(1, 5)):
                await load.goes_on(10)
                getattr(proxy, way).block()
                await bytes_are_held(proxy)
                await load.is_held_up(1)
                heal(proxy)
            await load.goes_on(10)
        figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"database, {way}: {figure}")


async def test_f49_keyring_cannot_be_reached_during_erasures(extent: Extent, whole: Whole) -> None:
    """An erasure that meets no keyring waits: nothing is called erased, and then all of it is."""
    draw, count = Random("f49"), extent.of(3, 40)
    async with behind_proxy(whole.stack, "retention", "keyring") as proxy:
        async with loaded(whole.stack, seed="f49-keyring") as load:
            records = [await ask_for_price(load, draw) for _ in range(count)]
            proxy.back.block()
            erasing = [asyncio.create_task(erase(load.caller, draw, one)) for one in records]
            await bytes_are_held(proxy)
            await load.goes_on(10)
            assert not await erased_among(whole.stack, records)
            heal(proxy)
            await asyncio.gather(*erasing)
            for record in records:
                await until(partial(is_begun, load, draw, record), seconds=LATER_SECONDS)
        figure = await load.settled(in_haste=not extent.whole)
    assert await erased_among(whole.stack, records) == set(records)
    extent.saw(f"keyring cut off during {count} erasures, all completed later: {figure}")


async def test_f49_broker_is_cut_off_and_facts_wait_for_it(extent: Extent, whole: Whole) -> None:
    """Requests are taken meanwhile; every fact comes to its topic once the way is open again."""
    async with broker_behind_proxy(whole.stack) as proxy:
        async with loaded(whole.stack, seed="f49-broker") as load:
            await load.goes_on(10)
            proxy.there.block()
            await bytes_are_held(proxy)
            await load.goes_on(extent.of(20, 500))
            heal(proxy)
            await load.goes_on(10)
        figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"broker, {proxy.there.held_bytes} bytes lost on the way: {figure}")


@asynccontextmanager
async def broker_behind_proxy(stack: Stack) -> AsyncIterator[Proxy]:
    """A broker that tells its clients to come by a proxy.

    Shape: clients remember where a broker said it was, so each change needs services begun anew.
    """
    async with proxied(stack.ports.kafka) as proxy:
        addresses = (f"PLAINTEXT://127.0.0.1:{proxy.port}", CONTROLLER.format(stack=stack))
        told = ("--override", f"advertised.listeners={','.join(addresses)}")
        try:
            async with changed(stack, "kafka", Change(after=told)):
                await is_ready(stack, "kafka")
                await begin_anew(stack)
                yield proxy
        finally:
            await begin_anew(stack)


async def begin_anew(stack: Stack) -> None:
    """Every service is killed, and comes back."""
    for service in SERVICES:
        await asyncio.to_thread(Processes(stack).kill, service)
    await is_ready(stack, *SERVICES)


async def ask_for_price(load: Load, draw: Random) -> str:
    """The record of a new request for a price."""
    asked = Ask(kind="quote", path="/api/quotes", body=_request(draw))
    said = await load.caller.act(asked, draw)
    assert said.status == CREATED
    return str(said.body["id"])


async def is_begun(load: Load, draw: Random, record: str) -> bool:
    """Whether the erasure is under way or done, asked for once more where that was not clear."""
    said = await erase(load.caller, draw, record)
    return said.status < SERVER_ERROR and said.status != 0


async def erased_among(stack: Stack, records: list[str]) -> set[str]:
    """Which of these records retention has called erased."""
    connection = await asyncpg.connect(stack.database_url("retention", "retention"))
    try:
        rows = await connection.fetch(QUERIES["list_erased"], records)
    finally:
        await connection.close()
    return {row["record"] for row in rows}
