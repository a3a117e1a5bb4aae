"""Processes killed at any moment under steady traffic: the services, and Postgres."""

import asyncio
from itertools import cycle, islice

import pytest

from deploy.native.stack import SERVICES, Stack
from deploy.native.supervision import Supervisor, wait_until
from tests.faults.extent import Extent
from tests.faults.load import loaded
from tests.faults.whole_stack import Whole
from tests.storm.processes import Processes, kill_hard

pytestmark = pytest.mark.timeout(900)
BACK_SECONDS = 60.0


async def test_f01_each_service_killed_under_traffic(extent: Extent, whole: Whole) -> None:
    """Whichever service dies in whatever it does, what was answered is kept, once, everywhere."""
    rounds, met = extent.of(1, 8), 0
    async with loaded(whole.stack, seed="f01") as load:
        await load.goes_on(5)
        for name in SERVICES * rounds:
            met += load.history.under_way
            await asyncio.to_thread(Processes(whole.stack).kill, name)
            await load.goes_on(5)
    assert met > 0
    kills = f"{rounds * len(SERVICES)} kills with {met} writes under way"
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{kills}: {figure}")


async def test_f01_restart_storm(extent: Extent, whole: Whole) -> None:
    """Killed again as soon as it is back, again and again: nothing is lost, and it comes back."""
    kills, clock = extent.of(5, 20), asyncio.get_running_loop().time
    async with loaded(whole.stack, seed="f01-storm") as load:
        await load.goes_on(5)
        began = clock()
        for name in islice(cycle(SERVICES), kills):
            await asyncio.to_thread(_wait_until_back, whole.stack, name)
            await asyncio.to_thread(Processes(whole.stack).kill, name)
        took_seconds = clock() - began
        await load.goes_on(5)
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{kills} kills in {took_seconds:.0f} s: {figure}")


def _wait_until_back(stack: Stack, name: str) -> None:
    """Wait until a process has been up for a moment: the supervisor puts off what dies at once."""

    def is_back() -> bool:
        states = Supervisor(stack).states()
        return any(one.name == name and one.running and one.seconds_up > 0 for one in states)

    assert wait_until(is_back, seconds=BACK_SECONDS), name


async def test_f25_postmaster_killed(extent: Extent, whole: Whole) -> None:
    """The database is killed whole: the doors say 503 meanwhile; what they answered is there."""
    kills = extent.of(1, 6)
    async with loaded(whole.stack, seed="f25") as load:
        for _ in range(kills):
            await load.goes_on(10)
            await asyncio.to_thread(Processes(whole.stack).kill, "postgres")
        await load.goes_on(10)
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{kills} kills of the postmaster: {figure}")


async def test_f25_one_backend_killed(extent: Extent, whole: Whole) -> None:
    """One server process killed takes all others down with it; every service comes through."""
    roles, killed = SERVICES[: extent.of(2, 4)] * extent.of(1, 4), 0
    async with loaded(whole.stack, seed="f25-backend") as load:
        for role in roles:
            await load.goes_on(10)
            killed += await asyncio.to_thread(_kill_backend, Processes(whole.stack), role)
        await load.goes_on(10)
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{killed} backends killed: {figure}")


def _kill_backend(processes: Processes, role: str) -> int:
    """Kill the first server process that serves a role; gives how many died."""
    for pid in processes.backends(role)[:1]:
        kill_hard(pid)
        return 1
    return 0
