"""A consumer that is far too slow for a while: it holds no more memory, and catches up."""

import asyncio
import time
from pathlib import Path

import pytest

from deploy.native.stack import Stack
from ops.measuring import measure
from ops.stack_clock import stack_clock
from tests.faults.extent import Extent
from tests.faults.load import Load, loaded
from tests.faults.whole_stack import Whole
from tests.integration.libs.events.pieces import until
from tests.storm.processes import Processes

pytestmark = pytest.mark.timeout(1500)
SLOW = "retention"
STOPPED_SECONDS, RUNNING_SECONDS = 0.9, 0.1
GROWTH_MEGABYTES_MAX = 128
CAUGHT_UP_SECONDS = 300.0
UNDER_WAY_MESSAGES = 500
"""What traffic without a pause may have on its way at any moment, between two looks."""


def throttle(stack: Stack, seconds: float) -> int:
    """Let a service run for a tenth of the time; gives how often it was stopped."""
    processes, until_at, stops = Processes(stack), time.monotonic() + seconds, 0
    while time.monotonic() < until_at:
        with processes.paused(SLOW):
            time.sleep(STOPPED_SECONDS)
        time.sleep(RUNNING_SECONDS)
        stops += 1
    return stops


def resident_megabytes(stack: Stack) -> int:
    """How much memory the slow service holds."""
    pid = Processes(stack).pid_of(SLOW)
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (line,) = [one for one in lines if one.startswith("VmRSS:")]
    return int(line.split()[1]) >> 10


async def lag(stack: Stack) -> int:
    """How many messages the slow service has not taken in."""
    waiting, _ = await measure(stack, stack_clock(stack).now())
    (one,) = [one for one in waiting if one.service == SLOW]
    return sum((one.lag or {"unknown": 1}).values())


async def watch(stack: Stack, done: asyncio.Event, load: Load) -> list[int]:
    """How far behind it is, again and again, while the traffic flows."""
    seen: list[int] = []
    while not done.is_set():
        await load.goes_on(5)
        seen.append(await lag(stack))
    return seen


async def test_f24_consumer_at_a_tenth_of_its_speed(extent: Extent, whole: Whole) -> None:
    """Its backlog lies on the bus and not in its memory; let go, it gains on the traffic."""
    stack, done = whole.stack, asyncio.Event()
    async with loaded(stack, seed="f24") as load:
        await load.goes_on(20)
        before = resident_megabytes(stack)
        watching = asyncio.create_task(watch(stack, done, load))
        stops = await asyncio.to_thread(throttle, stack, extent.of(8.0, 600.0))
        done.set()
        backlog = max(await watching)
        assert backlog > 0
        taken_up_at = time.monotonic()

        async def has_gained() -> bool:
            return await lag(stack) < max(backlog / 2, UNDER_WAY_MESSAGES)

        await until(has_gained, seconds=CAUGHT_UP_SECONDS)
        took_seconds = time.monotonic() - taken_up_at
    figure = await load.settled(in_haste=not extent.whole)
    growth = resident_megabytes(stack) - before
    assert growth < GROWTH_MEGABYTES_MAX
    extent.saw(
        f"stopped {stops} times, {backlog} behind, {growth} MB more, "
        f"half of it gone under traffic in {took_seconds:.0f} s: {figure}"
    )
