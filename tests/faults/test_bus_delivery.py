"""Messages that come again, in another order, too slowly, and while consumers come and go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiokafka import TopicPartition
from faststream.kafka import KafkaBroker

from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from libs.events.bus import Ear, make_broker
from libs.events.recorded import Recorded
from tests.faults.extent import Extent
from tests.faults.hearers import Hearing, some_facts
from tests.integration.libs.events.hearing import listening
from tests.integration.libs.events.pieces import Topic, make_view, running_service, until

pytestmark = pytest.mark.timeout(600)
MakeDatabase = Callable[[str], FreshDatabase]
POLL_MILLISECONDS = 1000
TAKES_SECONDS = 4.0


@pytest.fixture
async def side(
    stack: Stack,
    database: MakeDatabase,
    topic: Callable[[int], Awaitable[str]],
    tmp_path: Path,
) -> AsyncIterator[Hearing]:
    """A hearer of an empty topic with two partitions."""
    bus = Topic(await topic(2), stack.kafka_servers)
    made = database("billing")
    await make_view(made)
    async with running_service(made, topic=bus.name) as hearer:
        yield Hearing(hearer, made, bus, tmp_path / "ear.log")


def limit(monkeypatch: pytest.MonkeyPatch, **limits: int) -> None:
    """Let ears tell Kafka's client other limits than those of a service."""

    def make(servers: str) -> KafkaBroker:
        broker = make_broker(servers)
        subscriber: Any = broker.subscriber

        def limited(*topics: str, **settings: Any) -> Any:
            return subscriber(*topics, **{**settings, **limits})

        monkeypatch.setattr(broker, "subscriber", limited)
        return broker

    monkeypatch.setattr("tests.integration.libs.events.hearing.make_broker", make)


@pytest.fixture
def soon_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Consumers whose partitions go to others soon after they are gone."""
    limit(monkeypatch, session_timeout_ms=6000, heartbeat_interval_ms=1000)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Consumers that Kafka's client gives up on when a batch takes longer than a second."""
    limit(monkeypatch, max_poll_interval_ms=POLL_MILLISECONDS, rebalance_timeout_ms=1000)


async def caught_up(side: Hearing) -> None:
    """Wait until nothing on the topic is left to be taken in."""
    ends = [0, 0]
    for one in await side.bus.read():
        ends[one.partition] = one.offset + 1

    async def is_at_the_end() -> bool:
        at = [await side.hearer.value("next_offset", side.bus.name, number) for number in (0, 1)]
        return [one or 0 for one in at] == ends

    await until(is_at_the_end, seconds=60)


@pytest.mark.parametrize("times", [1, 2, 100])
async def test_f12_each_message_delivered_so_many_times(
    extent: Extent, side: Hearing, times: int
) -> None:
    """However often a message comes, next to itself or long after, it has one effect."""
    facts = some_facts(records=extent.of(10, 100), each=3)
    async with side.healed():
        for at in range(times):
            near = [one for one in facts for _ in range(2)] if at % 2 else facts
            await side.bus.send_facts(near)
        await caught_up(side)
    await side.heard_each_once(facts)
    extent.saw(f"{len(facts)} facts, each sent {times} times and more: one effect each")


async def test_f13_versions_out_of_order_wait_for_what_is_missing(
    extent: Extent, side: Hearing
) -> None:
    """A later version is never taken before an earlier one: it waits, and then goes through."""
    facts = some_facts(records=extent.of(8, 40), each=4)
    draw, mixed = Random(13), list(facts)
    draw.shuffle(mixed)
    async with side.healed():
        await side.bus.send_facts(mixed)
        await caught_up(side)
        early = len(await side.hearer.parking.list(limit=1000))
        assert early > 0
        await side.bus.send_facts(facts)
        await caught_up(side)
    await retry_all(side)
    await side.heard_each_once(facts)
    extent.saw(f"{len(facts)} facts in any order, {early} waited, each record's in order")


async def retry_all(side: Hearing) -> None:
    """An operator retries what is parked until nothing is."""
    while parked := await side.hearer.parking.list():
        await side.hearer.parking.retry(parked[0].parked_id)


@pytest.mark.usefixtures("soon_missed")
async def test_f22_rebalance_storm(extent: Extent, side: Hearing) -> None:
    """While consumers come and go without a pause, messages go on being taken in, once each."""
    rounds, facts = extent.of(4, 30), list[Recorded]()
    async with side.healed() as staying:
        for at in range(1, rounds + 1):
            before = len(await side.hearer.heard())
            more = some_facts(records=20)
            await side.bus.send_facts(more)
            facts += more
            async with (
                running_service(side.database, topic=side.bus.name) as twin,
                listening(twin, side.bus, is_assigned=False, instance=f"{at}") as passing,
            ):
                await until(partial(has_progressed, side, before + 1), seconds=120)
                await asyncio.wait_for(passing.assigned.wait(), 120)
                assert not passing.failed.done()
        await until(partial(has_progressed, side, len(facts)), seconds=120)
        assert not staying.failed.done()
    await side.heard_each_once(facts)
    extent.saw(f"{rounds} members came and went, {len(facts)} facts, one effect each")


async def has_progressed(side: Hearing, facts: int) -> bool:
    """Whether so many facts were heard."""
    return len(await side.hearer.heard()) >= facts


def revocations(ear: Ear) -> list[int]:
    """How many partitions are taken from this ear, each time from now on."""
    seen: list[int] = []
    really = ear.on_partitions_revoked

    async def noting(revoked: Collection[TopicPartition]) -> None:
        seen.append(len(revoked))
        await really(revoked)

    ear.on_partitions_revoked = noting  # type: ignore[method-assign]  # watched
    return seen


async def too_long() -> None:
    """The work itself, which takes longer than Kafka's client waits for the next poll."""
    await asyncio.sleep(TAKES_SECONDS)


@pytest.mark.usefixtures("impatient")
async def test_f23_handler_slower_than_the_poll_interval(extent: Extent, side: Hearing) -> None:
    """A batch that takes too long for Kafka is kept all the same, and is not begun for ever."""
    facts, more = some_facts(records=6), some_facts(records=6)
    side.hearer.reacting.may_go_on.clear()
    await side.bus.send_facts(facts)
    async with side.healed() as ear:
        await side.hearer.reacting.began.wait()
        revoked = revocations(ear)
        await too_long()
        side.hearer.reacting.may_go_on.set()
        await until(partial(has_progressed, side, len(facts)), seconds=120)
        await side.bus.send_facts(more)
        await until(partial(has_progressed, side, len(facts) + len(more)), seconds=120)
        assert not ear.failed.done()
        assert revoked, "Kafka's client did not give the slow consumer up"
    await side.heard_each_once([*facts, *more])
    calls = len(side.hearer.reacting.calls)
    extent.saw(f"{TAKES_SECONDS:.0f} s in a batch, {calls} reactions to 12 facts, one effect each")
