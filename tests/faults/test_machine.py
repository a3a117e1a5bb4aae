"""The machine gives out: memory, processor, descriptors, room for logs, a place for traces."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import pytest

from deploy.native.stack import SERVICES
from deploy.native.supervision import wait_until
from tests.faults.cgroups import Limits, limits
from tests.faults.changed_parts import Change, changed, is_ready
from tests.faults.extent import Extent
from tests.faults.load import loaded
from tests.faults.machine import Means
from tests.faults.proxy import Proxy, proxied
from tests.faults.whole_stack import Whole
from tests.integration.libs.events.pieces import until
from tests.storm.processes import Processes

LITTLE_BYTES = 1 << 16
TENTH_MICROSECONDS, PERIOD_MICROSECONDS = 10_000, 100_000
CALLERS = 300
LATER_SECONDS = 120.0
STANDS_STILL_SECONDS = 2.0
UNANSWERED_SECONDS = 5.0
pytestmark = pytest.mark.timeout(900)


async def test_f52_service_that_runs_out_of_memory_is_started_anew(
    extent: Extent, whole: Whole
) -> None:
    """The kernel kills it in the middle of its work; nothing is lost, and it is back."""
    if extent.lacks(Means.ROOT, Means.MEMORY_CGROUP):
        return
    processes, killed = Processes(whole.stack), 0
    async with loaded(whole.stack, seed="f52") as load:
        for service in SERVICES[: extent.of(1, len(SERVICES))]:
            await load.goes_on(10)
            with limits("memory") as memory:
                memory.write("memory.limit_in_bytes", LITTLE_BYTES)
                memory.hold(processes.pid_of(service))
                await until(partial(is_killed, memory), seconds=LATER_SECONDS)
                killed += memory.read("memory.oom_control", "oom_kill")
            await is_ready(whole.stack, service)
        await load.goes_on(10)
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"killed {killed} times for its memory: {figure}")


async def test_f53_service_gets_a_tenth_of_a_processor(extent: Extent, whole: Whole) -> None:
    """Starved, it is slow; heartbeats that come late lose nothing and double nothing."""
    if extent.lacks(Means.ROOT, Means.CPU_CGROUP):
        return
    processes = Processes(whole.stack)
    async with loaded(whole.stack, seed="f53") as load:
        await load.goes_on(10)
        with limits("cpu") as processor:
            processor.write("cpu.cfs_period_us", PERIOD_MICROSECONDS)
            processor.write("cpu.cfs_quota_us", TENTH_MICROSECONDS)
            processor.hold(processes.pid_of("quotes"))
            processor.hold(processes.pid_of("billing"))
            await load.goes_on(extent.of(10, 200))
            await until(partial(is_held_back, processor), seconds=LATER_SECONDS)
            throttled = processor.read("cpu.stat", "nr_throttled")
        await load.goes_on(10)
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"held back {throttled} times: {figure}")


async def test_f53_event_loop_stands_still_for_two_seconds(extent: Extent, whole: Whole) -> None:
    """While nothing of a service moves its heartbeats stop; it goes on where it was."""
    processes = Processes(whole.stack)
    before = {service: processes.pid_of(service) for service in SERVICES}
    async with loaded(whole.stack, seed="f53-loop") as load:
        for _ in range(extent.of(1, 10)):
            for service in SERVICES:
                await load.goes_on(3)
                stands_still = partial(is_past, time.monotonic() + STANDS_STILL_SECONDS)
                with processes.paused(service):
                    await until(stands_still, seconds=LATER_SECONDS)
        await load.goes_on(10)
    assert {service: processes.pid_of(service) for service in SERVICES} == before
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"each service stood still for {STANDS_STILL_SECONDS} s, none died: {figure}")


async def is_past(moment_seconds: float) -> bool:
    """Whether it is later than this on the machine's own clock."""
    return time.monotonic() >= moment_seconds


async def test_f54_service_has_no_descriptor_left(extent: Extent, whole: Whole) -> None:
    """With every descriptor taken it answers who it can; when they come back it goes on."""
    if extent.lacks(Means.ROOT):
        return
    pid = Processes(whole.stack).pid_of("quotes")
    port = whole.stack.ports.service("quotes")
    async with loaded(whole.stack, seed="f54") as load:
        await load.goes_on(10)
        with few_descriptors(pid, count_descriptors(pid) + 4) as most:
            async with idle_callers(port, CALLERS):
                assert await asyncio.to_thread(
                    wait_until, lambda: count_descriptors(pid) >= most, seconds=LATER_SECONDS
                )
                assert not await is_answered(port)
                await load.goes_on(extent.of(10, 200))
        await load.goes_on(20)
        assert await is_answered(port)
    assert Processes(whole.stack).pid_of("quotes") == pid
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{most} descriptors, {CALLERS} idle callers, a new one refused: {figure}")


async def test_f55_logs_have_no_room_and_nobody_waits_for_it(extent: Extent, whole: Whole) -> None:
    """A full disk of logs loses lines of logs and nothing else."""
    if extent.lacks(Means.ROOT, Means.LOOP_MOUNTS):
        return
    assert whole.logs is not None
    async with loaded(whole.stack, seed="f55-logs") as load:
        await load.goes_on(10)
        taken = await asyncio.to_thread(whole.logs.fill)
        try:
            await load.goes_on(extent.of(30, 1000))
            Processes(whole.stack).kill("consent")
            await is_ready(whole.stack, "consent")
            await load.goes_on(10)
        finally:
            whole.logs.make_room()
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"log disk full after {taken >> 20} MB more: {figure}")


async def test_f55_sink_of_traces_is_silent_and_nobody_waits_for_it(
    extent: Extent, whole: Whole
) -> None:
    """A collector that takes nothing in costs its traces and nothing else."""
    async with proxied(whole.stack.ports.s3) as collector:
        collector.there.block()
        settings = {
            "FLUX3D_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}/v1/traces",
            "FLUX3D_TRACE_SAMPLED_PERCENT": "100",
        }
        async with changed(whole.stack, "quotes", Change(settings)):
            await is_ready(whole.stack, "quotes")
            async with loaded(whole.stack, seed="f55-traces") as load:
                await load.goes_on(extent.of(30, 1000))
                await until(lambda: has_held(collector), seconds=LATER_SECONDS)
                await load.goes_on(10)
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{collector.there.held_bytes} bytes of traces not taken in: {figure}")


async def is_killed(memory: Limits) -> bool:
    """Whether the kernel killed somebody of the group."""
    return memory.read("memory.oom_control", "oom_kill") > 0


async def is_held_back(processor: Limits) -> bool:
    """Whether the group wanted more of the processor than it was given."""
    return processor.read("cpu.stat", "nr_throttled") > 0


async def has_held(proxy: Proxy) -> bool:
    """Whether something was kept back on its way there."""
    return proxy.there.held_bytes > 0


async def is_answered(port: int) -> bool:
    """Whether a new caller hears anything; the kernel takes the call, the process may not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return bool(await asyncio.wait_for(reader.read(1), UNANSWERED_SECONDS))
    except (TimeoutError, ConnectionError):
        return False
    finally:
        writer.close()


def count_descriptors(pid: int) -> int:
    """How many descriptors a process has open."""
    return len([*Path(f"/proc/{pid}/fd").iterdir()])


@contextmanager
def few_descriptors(pid: int, most: int) -> Iterator[int]:
    """A process may open no more than so many; as many as before afterwards."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, before[1]))
    try:
        yield most
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


@asynccontextmanager
async def idle_callers(port: int, count: int) -> AsyncIterator[None]:
    """Connections to a port that say nothing."""
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        yield
    finally:
        for _, writer in opened:
            writer.close()
