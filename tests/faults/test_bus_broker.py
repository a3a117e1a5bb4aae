"""The broker killed, frozen, full and forgetful under the running services."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.native.stack import Stack
from ops.measuring import measure
from ops.stack_clock import stack_clock
from tests.faults.extent import Extent
from tests.faults.halting import GONE
from tests.faults.load import Load, loaded
from tests.faults.machine import Means
from tests.faults.whole_stack import Whole
from tests.integration.libs.events.pieces import until
from tests.storm.processes import Processes, state_of

pytestmark = pytest.mark.timeout(900)
OFFSETS = "__consumer_offsets"
FORGOTTEN_SECONDS, FULL_SECONDS = 60.0, 60.0


async def test_f14_broker_killed_and_started_again(extent: Extent, whole: Whole) -> None:
    """While the broker is gone the doors go on; what they kept arrives when it is back, once."""
    kills = extent.of(1, 8)
    async with loaded(whole.stack, seed="f14") as load:
        for _ in range(kills):
            await load.goes_on(10)
            await asyncio.to_thread(Processes(whole.stack).kill, "kafka")
        await load.goes_on(10)
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{kills} kills of the broker: {figure}")


async def test_f15_broker_frozen_and_thawed(extent: Extent, whole: Whole) -> None:
    """A broker that says nothing for a while stops no door, and no consumer for good."""
    pauses = (5.0, 30.0, 120.0) if extent.whole else (5.0,)
    async with loaded(whole.stack, seed="f15") as load:
        for seconds in pauses:
            await load.goes_on(10)
            await freeze(load, seconds)
        await load.goes_on(10)
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"frozen for {', '.join(f'{one:.0f} s' for one in pauses)}: {figure}")


async def freeze(load: Load, seconds: float) -> None:
    """Freeze the broker for so long; the doors accept writes all the while."""
    clock = asyncio.get_running_loop().time
    with Processes(load.stack).paused("kafka"):
        until_at = clock() + seconds
        while clock() < until_at:
            await load.goes_on(1)


async def test_f20_broker_disk_is_full(extent: Extent, whole: Whole) -> None:
    """Without room the broker takes nothing; the doors go on; with room again all arrives, once."""
    if extent.lacks(Means.ROOT, Means.LOOP_MOUNTS):
        return
    assert whole.kafka is not None
    async with loaded(whole.stack, seed="f20") as load:
        await load.goes_on(10)
        broker = await asyncio.to_thread(Processes(whole.stack).pid_of, "kafka")
        taken = await asyncio.to_thread(whole.kafka.fill)
        await load.goes_on(extent.of(30, 1000))
        await until(lambda: is_gone(broker), seconds=FULL_SECONDS)
        waiting = await outbox_rows(whole.stack)
        assert waiting > 0
        await asyncio.to_thread(whole.kafka.make_room)
        await load.goes_on(10)
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"full after {taken >> 20} MB more, {waiting} waited: {figure}")


async def is_gone(pid: int) -> bool:
    """Whether a process has ended."""
    return state_of(pid) in GONE


async def outbox_rows(stack: Stack) -> int:
    """How many facts no broker has taken."""
    waiting, _ = await measure(stack, stack_clock(stack).now())
    return sum(one.outbox_rows or 0 for one in waiting)


async def test_f21_offsets_of_every_group_are_lost(extent: Extent, whole: Whole) -> None:
    """Though Kafka forgets how far everybody was, everybody goes on from where Postgres says."""
    times = extent.of(1, 5)
    async with loaded(whole.stack, seed="f21") as load:
        for _ in range(times):
            await load.goes_on(10)
            await forget_groups(whole.stack)
        await load.goes_on(10)
    figure = await load.settled(in_haste=not extent.whole)
    extent.saw(f"{times} times all groups gone: {figure}")


async def forget_groups(stack: Stack) -> None:
    """Delete the topic in which Kafka keeps what it knows of groups, and see that it is gone."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_servers)
    await admin.start()
    try:

        async def is_known() -> bool:
            try:
                return bool(await admin.list_consumer_group_offsets("retention"))
            except KafkaError:
                return False  # the topic is being made again

        await until(is_known, seconds=FORGOTTEN_SECONDS)
        await admin.delete_topics([OFFSETS])

        async def is_forgotten() -> bool:
            return OFFSETS not in await admin.list_topics()

        await until(is_forgotten, seconds=FORGOTTEN_SECONDS)
    finally:
        await admin.close()
