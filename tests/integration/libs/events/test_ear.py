"""The ear on the real broker: it goes on from where Postgres says, whatever Kafka believes."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError

from deploy.native.testing import FreshDatabase
from deploy.native.topics import Topic as Declared
from deploy.native.topics import make_topic_anew
from libs.events.bus import ClientEnded, make_broker
from libs.events.errors import Unavailable
from libs.events.ids import RealIds
from libs.events.inbox import Turn
from libs.events.recorded import Recorded
from libs.events.same_topic import LastIsAnother, OffsetBeyondEnd
from libs.events.telemetry import LAG
from libs.events.vocabulary.quotes import ProjectStarted
from tests.integration.libs.events.hearing import group_of, has_heard, listening
from tests.integration.libs.events.little import SQL
from tests.integration.libs.events.pieces import Service, Topic, running_service, until
from tests.unit.libs.events.facts import facts_of


@pytest.fixture
async def hearer(billing_database: FreshDatabase, bus: Topic) -> AsyncIterator[Service]:
    """A service that hears the test's topic as quotes' own."""
    async with running_service(billing_database, topic=bus.name) as service:
        yield service


def _facts(records: int, each: int = 1) -> list[Recorded]:
    ids = RealIds()
    return [
        fact for _ in range(records) for fact in facts_of(ids.new(), *[ProjectStarted()] * each)
    ]


def _ids(facts: list[Recorded]) -> set[UUID | None]:
    return {fact.event_id for fact in facts}


async def _pretend_committed(bus: Topic, offset: int) -> None:
    """Tell Kafka that the group has come to another place than it has."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bus.servers, group_id=group_of(bus), enable_auto_commit=False
    )
    async with consumer:
        places = [TopicPartition(bus.name, number) for number in (0, 1)]
        consumer.assign(places)
        await consumer.commit(dict.fromkeys(places, offset))


async def test_what_lies_there_and_what_comes_is_heard(hearer: Service, bus: Topic) -> None:
    """P11: a new group hears from the beginning on, and then what comes."""
    facts = _facts(10, each=2)
    await bus.send_facts(facts[:10])
    async with listening(hearer, bus):
        await bus.send_facts(facts[10:])
        await has_heard(hearer, 20)
    heard = await hearer.heard()
    assert (set(heard), len(heard)) == (_ids(facts), 20)


async def _has_taken_in(hearer: Service, bus: Topic, facts: list[Recorded], count: int) -> None:
    """Put facts in partition 0, of which the service has taken in the first ones before."""
    await bus.send_facts(facts, partition=0)
    await hearer.inbox.claim([(bus.name, 0), (bus.name, 1)])
    await hearer.inbox.apply(bus.name, 0, (await bus.read())[:count])
    hearer.reacting.calls.clear()


async def test_a_client_that_broke_is_not_waited_for(
    hearer: Service, bus: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the client's upkeep ends the ear fails, instead of hearing nothing without a word."""

    async def break_down(*_: Any) -> bool:
        message = "unable to perform operation on a closed transport"
        raise RuntimeError(message)

    async with listening(hearer, bus) as ear:
        consumer: Any = ear._subscriber.consumer
        client = consumer._client
        with monkeypatch.context() as broken:
            broken.setattr(client, "_metadata_update", break_down)
            client.force_metadata_update()
            with pytest.raises(ClientEnded):
                await asyncio.wait_for(ear.failed, 20)
        client._sync_task = None  # so that the rest of it can be put away


@pytest.mark.parametrize("committed", [None, 0, 5], ids=["forgotten", "behind", "ahead"])
async def test_p41_postgres_is_right_and_kafka_wrong(
    hearer: Service, bus: Topic, committed: int | None
) -> None:
    """P11, P41: whatever Kafka believes or forgot, hearing goes on at the offset in Postgres."""
    facts = facts_of(RealIds().new(), *[ProjectStarted()] * 5)
    await _has_taken_in(hearer, bus, facts, 2)
    if committed is not None:
        await _pretend_committed(bus, committed)
    async with listening(hearer, bus):
        await has_heard(hearer, 5)
    assert [version for _, version in hearer.reacting.calls] == [3, 4, 5]


async def test_p41_a_restored_database_hears_again(hearer: Service, bus: Topic) -> None:
    """P41: a database put back to yesterday is given again what came since."""
    facts = facts_of(RealIds().new(), *[ProjectStarted()] * 5)
    await _has_taken_in(hearer, bus, facts, 5)
    await hearer.log.pool.execute(SQL["put_back_offset"], bus.name, 0, 2)
    async with listening(hearer, bus):

        async def is_up_to_date() -> bool:
            return bool(await hearer.value("next_offset", bus.name, 0) == 5)

        await until(is_up_to_date)
    assert hearer.reacting.calls == []
    assert len(await hearer.heard()) == 5


async def test_p17_nothing_is_delivered_before_the_seek(hearer: Service, bus: Topic) -> None:
    """P17: while the stored offset is asked for, the client delivers nothing from elsewhere."""
    facts = facts_of(RealIds().new(), *[ProjectStarted()] * 20)
    await _has_taken_in(hearer, bus, facts, 19)
    await _pretend_committed(bus, 0)
    delivered: list[int] = []
    claim, apply = hearer.inbox.claim, hearer.inbox.apply_in_turn

    async def slow_claim(places: Any) -> Any:
        await asyncio.sleep(0.5)
        return await claim(places)

    async def noting(turn: Turn, messages: Any) -> None:
        delivered.extend(one.offset for one in messages)
        await apply(turn, messages)

    hearer.inbox.claim, hearer.inbox.apply_in_turn = slow_claim, noting  # type: ignore[method-assign]  # watched
    async with listening(hearer, bus):
        await has_heard(hearer, 20)
    assert delivered == [19]


async def test_p40_a_topic_made_anew_is_refused(hearer: Service, bus: Topic) -> None:
    """P40: a topic that ends before what was taken in stops the hearing; nothing is dropped."""
    await _has_taken_in(hearer, bus, _facts(2), 2)
    await hearer.log.pool.execute(SQL["put_back_offset"], bus.name, 0, 7)
    async with listening(hearer, bus, is_assigned=False) as ear:
        with pytest.raises(OffsetBeyondEnd, match="ends at 2, taken in up to 7"):
            await asyncio.wait_for(asyncio.shield(ear.failed), 20)
        assert not ear.assigned.is_set()


async def test_p40_another_message_at_the_place_of_the_last_is_refused(
    hearer: Service, bus: Topic
) -> None:
    """P40: a topic as long as the old one, but with other messages, is not gone on with."""
    await _has_taken_in(hearer, bus, _facts(3), 3)
    await _make_anew(bus, _facts(5))
    async with listening(hearer, bus, is_assigned=False) as ear:
        with pytest.raises(LastIsAnother, match="-0 at 2 lies another event"):
            await asyncio.wait_for(asyncio.shield(ear.failed), 20)
        assert not ear.assigned.is_set()


async def test_p40_a_topic_made_anew_under_a_running_ear_is_refused(
    hearer: Service, bus: Topic
) -> None:
    """P40: the client begins at the beginning by itself; what lies there is not dropped unseen."""
    await bus.send_facts(_facts(6), partition=0)
    async with listening(hearer, bus) as ear:
        await has_heard(hearer, 6)
        await _make_anew(bus, _facts(2))
        with pytest.raises(OffsetBeyondEnd, match="-0 ends at 2, taken in up to 6"):
            await asyncio.wait_for(asyncio.shield(ear.failed), 40)
    assert await hearer.value("next_offset", bus.name, 0) == 6


async def test_p40_an_emptied_topic_is_noticed_before_anything_new_comes(
    hearer: Service, bus: Topic
) -> None:
    """P40: the client waits at the beginning without a word; the ear looks, and says so."""
    await bus.send_facts(_facts(6), partition=0)
    async with listening(hearer, bus) as ear:
        await has_heard(hearer, 6)
        await _make_anew(bus, [])

        async def is_noticed() -> bool:
            await ear.look_at_ends()
            return ear.failed.done()

        await until(is_noticed, seconds=40)
        assert isinstance(ear.failed.exception(), OffsetBeyondEnd)


async def _make_anew(bus: Topic, facts: list[Recorded]) -> None:
    """The topic is made anew, with these facts in its first partition."""
    await make_topic_anew(bus.servers, Declared(bus.name, 2, "test", {"retention.ms": "-1"}))
    await bus.send_facts(facts, partition=0)


async def test_p18_a_bad_message_is_no_matter_to_others(hearer: Service, bus: Topic) -> None:
    """P18, P20: junk, null and twin headers in one partition; all the rest has its effect."""
    one, two = _facts(3), _facts(3)
    await bus.send([(b"\xff", b"junk", [("a", None), ("a", b"1"), ("a", b"2")])], partition=0)
    await bus.send([(None, b"", [])], partition=0)
    await bus.send_facts(one, partition=0)
    await bus.send_facts(two, partition=1)
    async with listening(hearer, bus):
        await has_heard(hearer, 6)
    assert set(await hearer.heard()) == _ids([*one, *two])
    parked = await hearer.parking.list()
    assert [(row.partition, row.offset) for row in parked] == [(0, 0), (0, 1)]


async def test_p18_a_quiet_topic_is_heard_at_once(hearer: Service, bus: Topic) -> None:
    """P18: a message on an idle topic has its effect within a second, not after two polls."""
    async with listening(hearer, bus):
        await bus.send_facts(_facts(1))
        await has_heard(hearer, 1)
        began = time.monotonic()
        await bus.send_facts(_facts(1))
        await has_heard(hearer, 2)
        assert time.monotonic() - began < 1.0


async def test_p14_a_stop_under_load_loses_nothing(
    hearer: Service,
    bus: Topic,
    billing_database: FreshDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """P14: stopped again and again in the middle, each fact has its effect exactly once."""
    monkeypatch.setattr("libs.events.bus.BATCH_MESSAGES", 3)
    facts = _facts(20, each=5)
    await bus.send_facts(facts)
    for _ in range(4):
        async with (
            running_service(billing_database, topic=bus.name) as process,
            listening(process, bus),
        ):
            await process.reacting.began.wait()
    assert 0 < len(await hearer.heard()) < 100
    async with listening(hearer, bus):
        await has_heard(hearer, 100)
    heard = await hearer.heard()
    assert (set(heard), len(heard)) == (_ids(facts), 100)


async def test_p16_two_consumers_share_and_repeat_nothing(
    hearer: Service, bus: Topic, billing_database: FreshDatabase
) -> None:
    """P16, P15: a second member joins while a batch runs; each fact has its effect once."""
    facts = _facts(30, each=4)
    await bus.send_facts(facts[:60])
    hearer.reacting.may_go_on.clear()
    async with (
        listening(hearer, bus) as first,
        running_service(billing_database, topic=bus.name) as twin,
    ):
        await hearer.reacting.began.wait()
        async with listening(twin, bus, is_assigned=False, instance="1") as second:
            hearer.reacting.may_go_on.set()
            await bus.send_facts(facts[60:])
            await asyncio.wait_for(second.assigned.wait(), 20)
            await has_heard(hearer, 120)
            assert not first.failed.done()
            assert not second.failed.done()
    heard = await hearer.heard()
    assert (set(heard), len(heard)) == (_ids(facts), 120)
    assert await hearer.parking.list() == []


async def test_p49_the_lag_is_told_by_postgres(hearer: Service, bus: Topic) -> None:
    """P49: the gauge counts what is not taken in, though nothing was committed to Kafka."""
    await bus.send_facts(_facts(3), partition=0)
    async with listening(hearer, bus) as ear:
        await has_heard(hearer, 3)

        async def is_without_lag() -> bool:
            return ear.measure_lag() == {bus.name: 0}

        await until(is_without_lag)
        hearer.reacting.may_go_on.clear()
        hearer.reacting.began.clear()
        await bus.send_facts(_facts(4), partition=0)

        async def lags_by_four() -> bool:
            return ear.measure_lag() == {bus.name: 4}

        await until(lags_by_four)
        assert LAG.labels(bus.name)._value.get() == 4
        hearer.reacting.may_go_on.set()
        await has_heard(hearer, 7)


async def test_p10_a_missing_topic_is_not_made(bus: Topic) -> None:
    """P10: who asks for a topic that is not there does not make it, with defaults nobody chose."""
    missing = f"{bus.name}.missing"
    async with AIOKafkaConsumer(bootstrap_servers=bus.servers) as consumer:
        consumer._client.set_topics([bus.name, missing])
        await consumer._client.force_metadata_update()
        topics = await consumer.topics()
    assert bus.name in topics
    assert missing not in topics


def test_p10_the_ear_asks_for_no_topic_to_be_made() -> None:
    """P10: FastStream's own making of topics, one partition each, is switched off."""
    broker: Any = make_broker("127.0.0.1:1")
    assert broker.config.broker_config.allow_auto_create_topics is False


async def test_an_absent_database_is_met_with_patience(hearer: Service, bus: Topic) -> None:
    """P30: while Postgres is away hearing waits; the same messages have their effect after."""
    apply, times = hearer.inbox.apply_in_turn, []

    async def away_at_first(turn: Turn, messages: Any) -> None:
        times.append(turn.partition)
        if len(times) == 1:
            raise Unavailable
        await apply(turn, messages)

    hearer.inbox.apply_in_turn = away_at_first  # type: ignore[method-assign]  # the outage
    await bus.send_facts(_facts(2), partition=0)
    async with listening(hearer, bus):
        await has_heard(hearer, 2)
    assert len(times) >= 2


async def test_p12_a_batch_that_cannot_be_kept_is_not_stepped_over(
    hearer: Service, bus: Topic
) -> None:
    """P12: after trouble of ours nothing further is heard; after a restart all of it is."""
    apply = hearer.inbox.apply_in_turn

    async def broken(_: Turn, __: Any) -> None:
        raise asyncpg.UndefinedTableError("no table")

    hearer.inbox.apply_in_turn = broken  # type: ignore[assignment,method-assign]  # a missing migration
    await bus.send_facts(_facts(2), partition=0)
    async with listening(hearer, bus) as ear:
        with pytest.raises(asyncpg.UndefinedTableError):
            await asyncio.wait_for(asyncio.shield(ear.failed), 20)
        hearer.inbox.apply_in_turn = apply  # type: ignore[method-assign]  # as after a restart
        await bus.send_facts(_facts(2), partition=0)
        began = time.monotonic()
    assert time.monotonic() - began < 5.0
    assert await hearer.heard() == []
    async with listening(hearer, bus):
        await has_heard(hearer, 4)


async def test_p13_telling_kafka_may_fail(
    hearer: Service, bus: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P13: Kafka's own offsets serve lag tools; a commit it refuses stops nothing."""
    refused: list[int] = []

    async def refuse(_: AIOKafkaConsumer) -> None:
        refused.append(1)
        raise CommitFailedError

    monkeypatch.setattr(AIOKafkaConsumer, "commit", refuse)
    async with listening(hearer, bus) as ear:
        await bus.send_facts(_facts(1))
        await has_heard(hearer, 1)
        await bus.send_facts(_facts(1))
        await has_heard(hearer, 2)
        assert not ear.failed.done()
    assert refused
