"""A lost topic is filled again from the log: byte for byte, in order, while facts are said."""

from uuid import UUID

import pytest

from deploy.native.topics import Topic as Declared
from deploy.native.topics import count_messages, make_topic_anew
from libs.events.message import to_message
from libs.events.recorded import Recorded
from libs.events.refill import Refill, RelayNotHeld, forget_places
from libs.events.testing.log_conformance import an_append
from libs.events.vocabulary.quotes import ProjectStarted
from tests.integration.libs.events.pieces import Service, Topic, lying
from tests.integration.libs.events.relaying import drained, relaying, say
from tests.unit.libs.events.facts import facts_of


def started(record: int, count: int) -> list[Recorded]:
    """So many facts of a record that the hearer reacts to."""
    return facts_of(UUID(int=record), *[ProjectStarted()] * count)


async def lose(bus: Topic) -> None:
    """The topic is gone with all it held, and an empty one of its name is there."""
    await make_topic_anew(bus.servers, Declared(bus.name, 2, "test", {"retention.ms": "-1"}))


Carried = list[tuple[bytes, bytes, tuple[tuple[str, bytes], ...]]]


async def by_record(bus: Topic) -> dict[bytes, Carried]:
    """Everything that lies on the topic, whole, by record in its order."""
    found: dict[bytes, Carried] = {}
    for one in await bus.read():
        found.setdefault(one.key, []).append((one.key, one.value, one.headers))
    return found


async def test_lost_topic_is_filled_byte_for_byte(speaker: Service, bus: Topic) -> None:
    """D1: key, value, headers and each record's order are as they were; new facts follow."""
    await say(speaker, records=7, facts=3)
    refill = Refill(speaker.log)
    async with relaying(speaker, bus):
        await drained(speaker)
        before = await by_record(bus)
        await refill.hold()
        await lose(bus)
        assert await count_messages(bus.servers, [bus.name]) == {bus.name: 0}
        (later,) = await say(speaker, records=1, facts=2)
        assert await refill.fill() == 21
        await drained(speaker)
    after = await by_record(bus)
    new = after.pop(str(later).encode())
    wanted = [to_message(fact) for fact in await speaker.log.load(later)]
    assert new == [(one.key, one.value, one.headers) for one in wanted]
    assert after == before


async def test_facts_said_during_a_refill_lie_behind_it(speaker: Service, bus: Topic) -> None:
    """A record that goes on while its topic is filled keeps its order, each fact once."""
    records = await say(speaker, records=5, facts=2)
    refill = Refill(speaker.log)
    async with relaying(speaker, bus):
        await drained(speaker)
        await refill.hold()
        await lose(bus)
        for at in range(2, 6):
            for record in records:
                await speaker.log.append(an_append(record, at=at))
            if at == 3:
                await refill.fill()
        await drained(speaker)
    assert await bus.versions() == {str(record): [1, 2, 3, 4, 5, 6] for record in records}


async def test_held_relay_sends_nothing_until_it_is_let_go(speaker: Service, bus: Topic) -> None:
    """Once the hold is answered nothing more reaches the topic; after the release it does."""
    refill = Refill(speaker.log)
    async with relaying(speaker, bus):
        await refill.hold()
        await say(speaker, records=3, facts=2)
        assert await count_messages(bus.servers, [bus.name]) == {bus.name: 0}
        assert (await refill.look()).held_at is not None
        await refill.release()
        await drained(speaker)
    assert (await refill.look()).asked_at is None


async def test_hold_outlives_a_relay_that_dies(speaker: Service, bus: Topic) -> None:
    """The next relay is held from its start, and says so."""
    refill = Refill(speaker.log)
    async with relaying(speaker, bus):
        await refill.hold()
    await say(speaker, records=2, facts=1)
    async with relaying(speaker, bus):
        await refill.hold()
        assert await speaker.value("count_outbox") == 2
        await refill.fill()
        await drained(speaker)


async def test_nothing_is_filled_while_the_relay_sends(speaker: Service, bus: Topic) -> None:
    """Older facts behind newer ones of a record would break its order, so it is refused."""
    await say(speaker, records=1, facts=1)
    async with relaying(speaker, bus):
        await drained(speaker)
        with pytest.raises(RelayNotHeld):
            await Refill(speaker.log).fill()
    assert await speaker.value("count_outbox") == 0


async def test_hearer_takes_a_topic_made_anew_from_its_beginning(hearer: Service) -> None:
    """What it had is dropped by version, what it lacked is taken, nothing has its effect twice."""
    facts = started(1, 3)
    lost = started(2, 2)
    await hearer.inbox.claim([("quotes.events", 0)])
    old = lying([facts[0], facts[1], facts[0]])  # with a repeat, so the places differ afterwards
    await hearer.inbox.apply("quotes.events", 0, old)
    found = await forget_places(
        hearer.log, "quotes.events", by="operator", clock=hearer.inbox.clock
    )
    assert (found.partitions, found.parked) == (1, 0)
    assert await hearer.inbox.claim([("quotes.events", 0)]) == {("quotes.events", 0): 0}
    await hearer.inbox.apply("quotes.events", 0, lying([*facts, *lost]))
    assert await hearer.heard() == [one.event_id for one in (*facts, *lost)]


async def test_what_was_parked_comes_again_and_is_weighed_anew(hearer: Service) -> None:
    """A gap that the lost topic left is closed by the refill; its places hide no new message."""
    facts = started(1, 4)
    await hearer.inbox.claim([("quotes.events", 0)])
    await hearer.inbox.apply("quotes.events", 0, lying([facts[0], facts[3]]))
    assert [one.version for one in await hearer.parking.list()] == [4]
    found = await forget_places(
        hearer.log, "quotes.events", by="operator", clock=hearer.inbox.clock
    )
    assert found.parked == 1
    await hearer.inbox.claim([("quotes.events", 0)])
    await hearer.inbox.apply("quotes.events", 0, lying(facts))
    assert await hearer.heard() == [one.event_id for one in facts]
    assert await hearer.parking.list() == []
