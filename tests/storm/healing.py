"""After the faults: everything up again, everything that waits done, both within a bound."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.native.programs import EVERYTHING
from deploy.native.readiness import ready
from deploy.native.stack import OWNER, SERVICES, Stack
from ops.measuring import measure
from ops.stack_clock import movable_clock, stack_clock
from tests.storm.processes import Processes
from tests.storm.progress import Tell, silent
from tests.storm.reading import ask
from tests.storm.transport import Sample

HEAL_SECONDS = 180.0
DRAIN_SECONDS = 300.0
LOOK_AGAIN_SECONDS = 1.0
PAST_ABANDONED = timedelta(minutes=20)
"""A little longer than quotes waits before it takes back the hold of a lost acceptance."""

AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError)


async def heal(stack: Stack) -> bool:
    """Wait until every part answers; the supervisor brings back what was killed."""

    async def all_ready() -> bool:
        return all([await asyncio.to_thread(ready, stack, name) for name in EVERYTHING])

    return await _wait(all_ready, HEAL_SECONDS)


async def drain(stack: Stack, tell: Tell = silent) -> bool:
    """Wait until nothing is unsent, unheard, owed or under way, and no lost hold stands.

    Why: quotes looks for holds of lost acceptances when it starts, so it is started anew once they
         are old enough.
    """
    clock = movable_clock(stack)
    clock.advance_to(clock.now() + PAST_ABANDONED)
    await asyncio.to_thread(Processes(stack).kill, "quotes")
    if not await heal(stack):
        return False

    async def nothing_waits() -> bool:
        waits = await _what_waits(stack)
        tell(f"  still waiting: {waits}")
        return not waits

    return await _wait(nothing_waits, DRAIN_SECONDS)


async def _what_waits(stack: Stack) -> dict[str, int]:
    """How much of what still waits; a lag that is not known counts as one."""
    waiting, erasures = await measure(stack, stack_clock(stack).now())
    found = {
        "unsent": sum(_known(one.outbox_rows) for one in waiting),
        "owed": sum(_known(one.effects_waiting) for one in waiting),
        "unheard": sum(sum((one.lag or {"": 1}).values()) for one in waiting),
        "erasures": _known(erasures.under_way),
        "lost holds": await _lost_holds(stack),
    }
    return {name: count for name, count in found.items() if count}


def _known(count: int | None) -> int:
    return 1 if count is None else count


async def _lost_holds(stack: Stack) -> int:
    held = {row["record"] for row in await ask(stack, "keyring", "read_holds", OWNER)}
    ordered = {row["record"] for row in await ask(stack, "billing", "read_order_register")}
    return len(held - ordered)


async def _wait(condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if await condition():
                return True
        except AWAY:
            pass
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return False


async def sample_offsets(stack: Stack, samples: list[Sample], stopped: asyncio.Event) -> None:
    """Compare now and then what Kafka was told with what Postgres has, while faults rage.

    Why: Kafka is asked first and Postgres only moves on, so a larger figure there is ahead.
    """
    while not stopped.is_set():
        for service in SERVICES:
            try:
                samples.extend(await _sample(stack, service))
            except AWAY:
                continue
        await asyncio.sleep(LOOK_AGAIN_SECONDS * 3)


async def _sample(stack: Stack, service: str) -> list[Sample]:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_servers, request_timeout_ms=5000)
    try:
        await admin.start()
        told = await admin.list_consumer_group_offsets(service)
    finally:
        await admin.close()
    rows = await ask(stack, service, "read_offsets")
    stored = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    return [
        (service, place.topic, place.partition, one.offset, stored.get(place, 0))
        for place, one in told.items()
    ]
