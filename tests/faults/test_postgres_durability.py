"""Postgres loses its power, its disk lies, its disk is full: what was acknowledged is there."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import pytest

from deploy.native.supervision import wait_until
from libs.events.postgres_log import AWAY
from tests.faults.appending import (
    QUERIES,
    Told,
    append_until,
    find_all,
    is_away,
    opened_log,
)
from tests.faults.broken_calls import failing_calls, injected, is_alive
from tests.faults.disks import Disk, own_disk
from tests.faults.extent import Extent
from tests.faults.machine import Means
from tests.faults.own_cluster import OwnCluster, folder_for_postgres, own_cluster

DISK_MEGABYTES = 400
PANIC_SECONDS = 30.0
DISK_MEANS = (Means.ROOT, Means.LOOP_MOUNTS)
STRACE_MEANS = (Means.ROOT, Means.STRACE)
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def around() -> Iterator[ExitStack]:
    """Whatever a test has opened, closed in the right order."""
    with ExitStack() as opened:
        yield opened


def on_own_disk(around: ExitStack, folder: Path) -> tuple[Disk, OwnCluster]:
    """A server whose data lies on a disk of its own."""
    disk = around.enter_context(own_disk(folder, "data", DISK_MEGABYTES))
    place = disk.folder_for_postgres("cluster")
    return disk, around.enter_context(own_cluster(folder / "home", place))


async def cut_power(
    cluster: OwnCluster, disk: Disk, told: Told, *, after: int, **settings: str
) -> None:
    """Append, lose the power in the middle of it, and start again from what the disk has."""

    def lose() -> None:
        disk.lose_power()
        cluster.kill()

    async with opened_log(cluster.url(), **settings) as log:
        await append_until(log, told, lose, after=after)
    assert await is_away(cluster.url())
    await asyncio.to_thread(disk.come_back)
    await asyncio.to_thread(cluster.start)


async def test_f27_power_is_lost_and_nothing_acknowledged_is(
    extent: Extent, around: ExitStack, tmp_path: Path
) -> None:
    """What the log acknowledged outlives the power, each fact with its place in the outbox."""
    if extent.lacks(*DISK_MEANS):
        return
    disk, cluster = on_own_disk(around, tmp_path)
    told, cuts = Told(), extent.of(2, 20)
    for _ in range(cuts):
        await cut_power(cluster, disk, told, after=extent.of(200, 1000))
        found = await find_all(cluster.url())
        assert told.kept <= found.events
        assert found.events <= told.kept | told.unknown
        assert found.events == found.waiting
    extent.saw(f"power lost {cuts} times, {len(told.kept)} facts acknowledged, 0 lost")


async def test_f27_a_log_that_does_not_wait_for_the_disk_loses(
    extent: Extent, around: ExitStack, tmp_path: Path
) -> None:
    """The control: with synchronous_commit off the same cut must lose what was acknowledged."""
    if extent.lacks(*DISK_MEANS):
        return
    disk, cluster = on_own_disk(around, tmp_path)
    told, lost = Told(), 0
    for _ in range(5):
        await cut_power(cluster, disk, told, after=500, synchronous_commit="off")
        lost = len(told.kept - (await find_all(cluster.url())).events)
        if lost:
            break
    assert lost > 0
    extent.saw(f"control: {lost} of {len(told.kept)} lost without waiting for the disk")


VICTIMS = {
    "checkpointer": ("fsync", "checkpoint"),
    "walwriter": ("fdatasync", "write_without_waiting"),
    "backend": ("fdatasync", "write_and_wait"),
}
"""Who is told that its data did not reach the disk, at which call, and what makes it call."""


@pytest.mark.parametrize("victim", VICTIMS)
async def test_f28_disk_gives_an_error_and_nothing_acknowledged_is_lost(
    extent: Extent, around: ExitStack, tmp_path: Path, victim: str
) -> None:
    """A failed fsync is never tried again: the server panics, recovers, and has everything."""
    if extent.lacks(*STRACE_MEANS):
        return
    place = around.enter_context(folder_for_postgres("fsync"))
    cluster = around.enter_context(own_cluster(tmp_path / "home", place))
    told, failed = Told(), 0
    for number in range(extent.of(1, 5)):
        failed += await fail_one(cluster, victim, told, tmp_path / f"{number}.calls")
        found = await find_all(cluster.url())
        assert told.kept <= found.events
        assert found.events <= told.kept | told.unknown
    panics = cluster.log.read_text(encoding="utf-8").count("PANIC:")
    assert failed >= panics > 0
    extent.saw(f"{victim}: {panics} panics, {len(told.kept)} facts acknowledged, 0 lost")


async def fail_one(cluster: OwnCluster, victim: str, told: Told, noted: Path) -> int:
    """Let the calls of one process fail under load, until the server has begun anew."""
    calls, what = VICTIMS[victim]
    session = await asyncpg.connect(cluster.url("superuser"))
    pid = session.get_server_pid() if victim == "backend" else cluster.pid_of(victim)

    def is_gone() -> bool:
        asyncio.run_coroutine_threadsafe(provoke(session, what), loop).result()
        return not is_alive(pid)

    def fail() -> None:
        with failing_calls(pid, calls, "EIO", noted):
            assert wait_until(is_gone, seconds=PANIC_SECONDS)

    loop = asyncio.get_running_loop()
    try:
        async with opened_log(cluster.url()) as log:
            await append_until(log, told, fail, after=200)
            await asyncio.to_thread(cluster.wait_until_ready)
    finally:
        session.terminate()
    return injected(noted)


async def provoke(session: asyncpg.Connection, what: str) -> None:
    """Do what makes the victim call, unless another came before it; the server hangs up on it."""
    if session.is_closed():
        return
    try:
        await session.execute(QUERIES[what])
    except AWAY:
        return
