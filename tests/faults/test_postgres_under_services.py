"""Postgres in trouble under the running services: full, out of connections, locked, cut off."""

import asyncio

import asyncpg
import pytest

from deploy.native.stack import Stack
from ops.tour.operator_hand import OperatorHand
from tests.faults.appending import QUERIES
from tests.faults.extent import Extent
from tests.faults.load import loaded
from tests.faults.machine import Means
from tests.faults.whole_stack import Whole
from tests.integration.libs.events.pieces import until

FEW = 2

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("name", ["data", "wal"])
async def test_f29_disk_is_full_and_what_was_answered_is_kept(
    extent: Extent, whole: Whole, name: str
) -> None:
    """Without room the doors say so; nothing is half done; with room again all goes on."""
    if extent.lacks(Means.ROOT, Means.LOOP_MOUNTS):
        return
    disk = whole.data if name == "data" else whole.wal
    assert disk is not None
    async with loaded(whole.stack, seed=f"f29-{name}") as load:
        await load.goes_on(20)
        taken = await asyncio.to_thread(disk.fill)
        try:
            await load.is_held_up(extent.of(3, 30), seconds=extent.of(120.0, 360.0))
        finally:
            await asyncio.to_thread(disk.make_room)
        await load.goes_on(20)
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{name} disk full after {taken >> 20} MB more: {figure}")


async def test_f31_connections_drop_and_run_out_and_nobody_waits_for_ever(
    extent: Extent, whole: Whole
) -> None:
    """Cut off again and again, then with two connections for all: bounded waits, nothing lost."""
    async with loaded(whole.stack, seed="f31") as load:
        await load.goes_on(20)
        cut = 0
        for _ in range(extent.of(5, 50)):
            cut += await trouble(whole.stack, "quotes", "cut_all")
            await load.goes_on(2)
        await trouble(whole.stack, "quotes", "allow_two")
        cut += await trouble(whole.stack, "quotes", "cut_all")
        try:
            await load.goes_on(extent.of(10, 200))
            assert await trouble(whole.stack, "quotes", "count_sessions") <= FEW
            await trouble(whole.stack, "quotes", "allow_none")
            cut += await trouble(whole.stack, "quotes", "cut_all")
            await load.is_held_up()
        finally:
            await trouble(whole.stack, "quotes", "allow_all")
        await load.goes_on(20)
    assert cut > 0
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{cut} connections cut, {FEW} and 0 allowed: {figure}")


async def trouble(stack: Stack, database: str, query: str) -> int:
    """Do this to a database as its superuser; gives the number that the statement answers."""
    connection = await asyncpg.connect(stack.database_url("superuser", database))
    try:
        return int(await connection.fetchval(QUERIES[query]) or 0)
    finally:
        await connection.close()


async def test_f33_forgotten_transaction_holds_nobody_up_and_is_ended(
    extent: Extent, whole: Whole
) -> None:
    """A session that went idle with a snapshot and a lock: facts flow on, and it is thrown out."""
    stack = whole.stack
    async with loaded(stack, seed="f33") as load:
        await load.goes_on(10)
        forgotten = await asyncpg.connect(stack.database_url("quotes", "quotes"))
        limit = await forgotten.fetchval(QUERIES["idle_limit"])
        await forgotten.execute(QUERIES["forget_a_transaction"])
        await load.goes_on(extent.of(20, 500))
        status = OperatorHand(stack).run("status", accept=(0, 1))
        ages = [one["outbox_age_seconds"] for one in status["services"]]
        await forgotten.execute(QUERIES["be_ended_soon"])
        await until(lambda: is_closed(forgotten))
    assert limit != "0"
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"outbox at most {max(ages):.0f} s old meanwhile: {figure}")


async def is_closed(connection: asyncpg.Connection) -> bool:
    """Whether the server hung up."""
    return bool(connection.is_closed())
