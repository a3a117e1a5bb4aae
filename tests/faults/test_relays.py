"""Relays that die or freeze at every point of their work: nothing is lost, nothing has two effects.

Why: the relay is a process here, killed and frozen by the kernel, not an exception in a test.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka.errors import RequestTimedOutError

from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from tests.faults.extent import Extent
from tests.faults.halting import How
from tests.faults.relay_process import MARKED, READ, SENT
from tests.faults.relays import Relaying
from tests.integration.libs.events.pieces import Topic, make_view, running_service
from tests.integration.libs.events.relaying import QUICK, Faulty, relaying

pytestmark = pytest.mark.timeout(300)
MakeDatabase = Callable[[str], FreshDatabase]


@pytest.fixture
async def side(
    stack: Stack,
    database: MakeDatabase,
    topic: Callable[[int], Awaitable[str]],
    tmp_path: Path,
) -> AsyncIterator[Relaying]:
    """A speaker, a hearer, and an empty topic."""
    bus = Topic(await topic(2), stack.kafka_servers)
    quotes, billing = database("quotes"), database("billing")
    await make_view(quotes)
    await make_view(billing)
    async with running_service(quotes) as speaker, running_service(billing) as hearer:
        yield Relaying(speaker, hearer, quotes, bus, tmp_path / "relay.log")


async def nothing_lost_or_doubled(side: Relaying) -> tuple[int, int]:
    """Every fact lies on the topic, in order, and had one effect; gives facts and repeats sent."""
    kept, lying = await side.kept(), await side.bus.read()
    sent = Counter(dict(one.headers)["ce_id"].decode() for one in lying)
    assert set(sent) == {str(one) for one in kept}
    assert all(seen == sorted(seen) for seen in (await side.first_versions()).values())
    heard = await side.hear_all()
    assert Counter(heard) == Counter(kept)
    assert await side.hearer.parking.list() == []
    return len(kept), sent.total() - len(kept)


async def die(side: Relaying, point: str, after: int) -> None:
    """A relay is killed at a point."""
    with side.relay(point, How.DIES, after=after) as relay:
        await relay.is_there()
        assert relay.died, side.log.read_text()


async def test_f03_relay_killed_between_publish_and_mark(extent: Extent, side: Relaying) -> None:
    """What Kafka acknowledged and the outbox still has is sent again, and has one effect."""
    kills = extent.of(2, 20)
    records = await side.say(records=8, facts=3)
    for at in range(3, 3 + kills):
        before = await side.waiting()
        await die(side, SENT, after=1)
        assert await side.waiting() == before > 0
        await side.say_more(records, at=at)
    async with side.healed():
        pass
    facts, repeats = await nothing_lost_or_doubled(side)
    assert repeats > 0
    extent.saw(f"{kills} kills, {facts} facts, {repeats} sent again, 0 lost, 0 doubled in effect")


@pytest.mark.parametrize("point", [READ, MARKED])
async def test_f04_relay_killed_before_publish_or_after_mark(
    extent: Extent, side: Relaying, point: str
) -> None:
    """A fact is marked only when it is published: whoever dies in between marked nothing unsent."""
    kills = extent.of(1, 10)
    records = await side.say(records=8, facts=5)
    for at in range(5, 5 + kills):
        await die(side, point, after=1)
        await side.say_more(records, at=at)
    async with side.healed():
        pass
    facts, repeats = await nothing_lost_or_doubled(side)
    extent.saw(f"{kills} kills where it had {point}, {facts} facts, {repeats} sent again, 0 lost")


async def test_f04_relay_that_marks_first_is_seen_to_lose(side: Relaying) -> None:
    """The check can fail: a relay that marks before it publishes loses what it had in hand."""
    await side.say(records=4, facts=2)
    with side.relay(MARKED, How.DIES, order="swapped") as relay:
        await relay.is_there()
        assert relay.died, side.log.read_text()
    async with side.healed():
        pass
    with pytest.raises(AssertionError):
        await nothing_lost_or_doubled(side)


@pytest.mark.parametrize("point", [READ, SENT])
async def test_f05_frozen_relay_is_replaced_and_thaws(
    extent: Extent, side: Relaying, point: str
) -> None:
    """A relay that freezes loses its turn; thawed, it marks nothing and its repeats are dropped."""
    records = await side.say(records=6, facts=2)
    with side.relay(point, How.STOPS) as zombie:
        await zombie.is_there()
        assert zombie.is_stopped, side.log.read_text()
        await side.lease_is_over()
        async with side.healed():
            await side.say_more(records, at=2)
        assert zombie.is_stopped
        before = len(await side.bus.read())
        zombie.thaw()
        await side.say_more(records, at=3)
        await side.zombie_knows()
        async with side.healed():
            await side.say_more(records, at=4)
        late = len(await side.bus.read()) - before
    facts, repeats = await nothing_lost_or_doubled(side)
    extent.saw(
        f"frozen where it had {point}: {facts} facts, {repeats} repeats, "
        f"{late} after the thaw, 0 lost, 0 doubled in effect"
    )


async def test_f09_message_taken_and_not_acknowledged(extent: Extent, side: Relaying) -> None:
    """A message that Kafka took unheard is sent again in its order, and has one effect."""
    every, records = 7, extent.of(10, 100)
    await side.say(records, facts=6)
    faulty = Faulty(
        side.bus.servers, lambda at: RequestTimedOutError() if at % every == 0 else None
    )
    few = replace(QUICK, batch_events=5)
    async with relaying(side.speaker, side.bus, producer=faulty.make, pace=few):
        # A relay waits a second after each trouble.
        await side.drained(seconds=extent.of(30, 240))
    assert faulty.made > 1
    _, repeats = await nothing_lost_or_doubled(side)
    lost = faulty.sends // every
    assert repeats >= lost > 0
    extent.saw(f"{lost} acknowledgements lost of {faulty.sends} sends, one effect each")
