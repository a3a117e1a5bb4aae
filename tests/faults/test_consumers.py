"""Consumers that die or freeze at every point of their work: each message has one effect."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from tests.faults.ear_process import BOASTING, CARELESS, FETCHED, KEPT, REACTED, TOLD
from tests.faults.extent import Extent
from tests.faults.halting import How
from tests.faults.hearers import Hearing, some_facts
from tests.integration.libs.events.pieces import Topic, make_view, running_service

pytestmark = pytest.mark.timeout(300)
MakeDatabase = Callable[[str], FreshDatabase]


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


async def die(side: Hearing, point: str, *, after: int = 1, kind: str = "careful") -> None:
    """An ear is killed at a point."""
    with side.ear(point, How.DIES, after=after, kind=kind) as ear:
        await ear.is_there()
        assert ear.died, side.log.read_text()


@pytest.mark.parametrize("point", [FETCHED, REACTED, KEPT, TOLD])
async def test_f06_consumer_killed_around_its_commits(
    extent: Extent, side: Hearing, point: str
) -> None:
    """Killed before or after either commit, a consumer goes on from Postgres: one effect each."""
    kills = extent.of(1, 10)
    facts = some_facts(records=10, each=2)
    await side.bus.send_facts(facts)
    for _ in range(kills):
        await die(side, point)
        more = some_facts(records=5)
        await side.bus.send_facts(more)
        facts += more
    async with side.healed():
        await side.has_heard(len(facts))
    await side.heard_each_once(facts)
    extent.saw(f"{kills} kills when it had {point}: {len(facts)} facts, 0 lost, 0 doubled")


async def test_f07_kafka_told_before_the_work_is_kept(extent: Extent, side: Hearing) -> None:
    """Though Kafka believes that a batch is done, what Postgres has not kept is heard again."""
    kills = extent.of(1, 10)
    facts = some_facts(records=10, each=2)
    await side.bus.send_facts(facts)
    for _ in range(kills):
        await die(side, TOLD, kind=BOASTING)
    assert await side.hearer.heard() == []
    async with side.healed():
        await side.has_heard(len(facts))
    await side.heard_each_once(facts)
    extent.saw(f"{kills} kills with Kafka told too early: {len(facts)} facts, 0 lost, 0 doubled")


async def test_f07_default_acknowledgement_is_seen_to_lose(side: Hearing) -> None:
    """The check can fail: FastStream's default tells Kafka first, and a kill loses a message."""
    facts = some_facts(records=3)
    await side.bus.send_facts(facts[:2], partition=0)
    await die(side, TOLD, kind=CARELESS)
    await side.bus.send_facts(facts[2:], partition=0)
    with side.ear(kind=CARELESS):
        await side.has_heard(2)
    with pytest.raises(AssertionError):
        await side.heard_each_once(facts)
    assert await side.hearer.heard() == [one.event_id for one in facts[1:]]


@pytest.mark.parametrize("point", [FETCHED, KEPT])
async def test_f08_frozen_consumer_is_replaced_and_thaws(
    extent: Extent, side: Hearing, point: str
) -> None:
    """A consumer frozen with a batch in hand is replaced; thawed, it writes nothing of it.

    Shape: the two have one name in the group and take it from each other while both live.
    """
    facts, more = some_facts(records=8, each=2), some_facts(records=8)
    await side.bus.send_facts(facts)
    with side.ear(point, How.STOPS) as zombie:
        await zombie.is_there()
        assert zombie.is_stopped, side.log.read_text()
        async with side.healed():
            await side.has_heard(len(facts))
            zombie.thaw()
            if point == FETCHED:
                await side.says("batch_dropped")
            await side.bus.send_facts(more)
            await side.has_heard(len(facts) + len(more))
            assert not zombie.is_stopped
    await side.heard_each_once([*facts, *more])
    extent.saw(f"frozen when it had {point}: {len(facts) + len(more)} facts, 0 lost, 0 doubled")
