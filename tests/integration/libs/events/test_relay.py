"""The relay from real Postgres to real Kafka: nothing is lost, and records keep their order."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from uuid import UUID

import asyncpg
import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, NotLeaderForPartitionError
from aiokafka.errors import OutOfOrderSequenceNumber as OutOfOrder

from deploy.native.testing import FreshDatabase
from libs.events.log import Append
from libs.events.message import to_message
from libs.events.postgres_rows import QUERIES
from libs.events.refill import SHARD
from libs.events.relay import LostOwnership, Pace, Relay, make_producer
from libs.events.sending import Sending, partition_of
from libs.events.testing.log_conformance import an_append
from libs.events.vocabulary.quotes import ProjectStarted, QuoteDeclined
from tests.integration.libs.events.little import SQL
from tests.integration.libs.events.pieces import (
    HEARD_TOPIC,
    Lying,
    Service,
    Topic,
    running_service,
    until,
)
from tests.integration.libs.events.relaying import (
    QUICK,
    Faulty,
    Unanswered,
    drained,
    relaying,
    say,
)


async def test_what_is_said_reaches_the_topic_in_order(speaker: Service, bus: Topic) -> None:
    """Every fact lies on the topic once, each record's in order, and the outbox is empty."""
    records = await say(speaker, records=6, facts=5)
    async with relaying(speaker, bus):
        await drained(speaker)
    assert await bus.versions() == {str(record): [1, 2, 3, 4, 5] for record in records}


async def test_what_lies_there_is_what_was_kept(speaker: Service, bus: Topic) -> None:
    """Key, value and headers are those of the kept fact, to the byte (D1)."""
    (record,) = await say(speaker, records=1, facts=1)
    async with relaying(speaker, bus):
        await drained(speaker)
    (message,) = await bus.read()
    wanted = to_message((await speaker.log.load(record))[0])
    assert (message.key, message.value, message.headers) == (
        wanted.key,
        wanted.value,
        wanted.headers,
    )


async def test_an_append_wakes_the_relay(speaker: Service, bus: Topic) -> None:
    """What is said goes out at once, though the clock would wake the relay much later."""
    pace = Pace(poll_seconds=3600, election_seconds=0.05)
    async with relaying(speaker, bus, pace=pace) as relay:
        await until(_elected(relay))
        await say(speaker, records=3, facts=2)
        await drained(speaker)


def _elected(relay: Relay) -> Callable[[], Awaitable[bool]]:
    async def is_elected() -> bool:
        return relay.is_elected

    return is_elected


async def test_p03_an_unrelated_transaction_does_not_stop_the_relay(
    speaker: Service, quotes_database: FreshDatabase, bus: Topic
) -> None:
    """P03: somebody's long transaction elsewhere holds up no fact: the outbox has no horizon."""
    holder = await asyncpg.connect(quotes_database.url())
    async with holder.transaction():
        await holder.execute(SQL["write_elsewhere"], UUID(int=1))
        async with relaying(speaker, bus):
            await say(speaker, records=2, facts=2)
            await drained(speaker)
    await holder.close()


async def test_p01_a_late_commit_goes_out_in_a_later_batch(
    speaker: Service, quotes_database: FreshDatabase, bus: Topic
) -> None:
    """P01: a fact with an earlier place that is committed later is sent all the same."""
    holder, late = await asyncpg.connect(quotes_database.url()), an_append()
    transaction = holder.transaction()
    await transaction.start()
    await speaker.log.write(holder, [late])
    async with relaying(speaker, bus):
        await say(speaker, records=2, facts=1)
        await drained(speaker)
        await transaction.commit()
        await drained(speaker)
    await holder.close()
    assert str(late.record) in await bus.versions()


async def test_p06_an_old_relay_deletes_nothing(
    speaker: Service, quotes_database: FreshDatabase, bus: Topic
) -> None:
    """P06: whose lock went with its connection is refused at the delete by the newer epoch."""
    await say(speaker, records=2, facts=2)
    old = Relay(speaker.log, make_producer(bus.servers), topic=bus.name, pace=QUICK)
    locked = await asyncpg.connect(quotes_database.url())
    old_epoch = await old._elected(locked)
    await _kill(quotes_database, await locked.fetchval(SQL["my_session"]))
    async with speaker.log.pool.acquire() as newer, speaker.log.pool.acquire() as another:
        newer_epoch = await old._elected(newer)
        producer = await make_producer(bus.servers)()
        with pytest.raises(LostOwnership):
            await old.drain_once(another, producer, old_epoch)
        assert await speaker.value("count_outbox") == 4
        assert await old.drain_once(newer, producer, newer_epoch) == 4
        await producer.stop()


async def test_p06_a_second_relay_takes_over(
    speaker: Service, quotes_database: FreshDatabase, bus: Topic
) -> None:
    """P06: of two relays one works; when its connection is killed one goes on, in order."""
    records = await say(speaker, records=4, facts=2)
    async with (
        running_service(quotes_database) as twin,
        relaying(speaker, bus) as first,
        relaying(twin, bus) as second,
    ):
        await drained(speaker)
        assert (first.is_elected, second.is_elected) in {(True, False), (False, True)}
        await _kill(quotes_database, await speaker.value("elected_session"))
        for record in records:
            await speaker.log.append(an_append(record, at=2))
        await drained(speaker)
    heard = await bus.versions()
    assert {record: sorted(set(heard[str(record)])) for record in records} == {
        record: [1, 2, 3] for record in records
    }


async def _kill(database: FreshDatabase, session: int) -> None:
    superuser = await asyncpg.connect(database.url("superuser"))
    assert await superuser.fetchval(SQL["kill_session"], session)
    await superuser.close()


async def test_p07_a_partial_failure_keeps_each_records_order(speaker: Service, bus: Topic) -> None:
    """P07: when a parcel fails, its partition's rows stay from there on; those of others go."""
    one, two = await _say_in_both_partitions(speaker, facts=3)
    # The rows are 1.1 2.1 1.2 2.2 1.3 2.3: the first parcel is that of the first record.
    faulty = Faulty(bus.servers, lambda at: NotLeaderForPartitionError() if at == 1 else None)
    relay = Relay(speaker.log, faulty.make, topic=bus.name, pace=QUICK)
    async with speaker.log.pool.acquire() as connection:
        epoch, producer = await relay._elected(connection), await faulty.make()
        with pytest.raises(NotLeaderForPartitionError):
            await relay.drain_once(connection, producer, epoch)
        left = [(row[0], row[1]) for row in await speaker.rows("list_outbox")]
        assert left == [(one, 1), (one, 2), (one, 3)]
        assert await relay.drain_once(connection, producer, epoch) == 3
        await producer.stop()
    assert await bus.versions() == {str(one): [1, 2, 3], str(two): [1, 2, 3]}


async def _say_in_both_partitions(service: Service, *, facts: int) -> tuple[UUID, UUID]:
    """Say some facts about two records that lie in two partitions, in turns."""
    one = two = an_append()
    while _partition(one) == _partition(two):
        two = an_append()
    for at in range(facts):
        for append in (one, two):
            await service.log.append(an_append(append.record, at=at))
    return one.record, two.record


def _partition(append: Append) -> int:
    return partition_of(str(append.record).encode(), 2)


async def test_p07_what_is_not_acknowledged_is_not_deleted(speaker: Service, bus: Topic) -> None:
    """P07: a send that is never answered keeps its row; nobody knows whether Kafka has it."""
    await say(speaker, records=1, facts=3)
    faulty = Faulty(bus.servers, lambda at: Unanswered() if at == 2 else None)
    pace = replace(QUICK, acknowledge_seconds=0.5, batch_events=1)
    relay = Relay(speaker.log, faulty.make, topic=bus.name, pace=pace)
    async with speaker.log.pool.acquire() as connection:
        epoch, producer = await relay._elected(connection), await faulty.make()
        assert await relay.drain_once(connection, producer, epoch) == 1
        with pytest.raises(TimeoutError, match="unknown"):
            await relay.drain_once(connection, producer, epoch)
        await producer.stop()
    assert [row[1] for row in await speaker.rows("list_outbox")] == [2, 3]


async def test_p07_downstream_each_fact_has_its_effect_once(
    speaker: Service, hearer: Service, bus: Topic
) -> None:
    """P07: after a partial failure what came too early waits, and goes through on a retry."""
    (record,) = await say(speaker, records=1, facts=4)
    faulty = Faulty(bus.servers, lambda at: NotLeaderForPartitionError() if at == 2 else None)
    one_by_one = replace(QUICK, batch_events=1)
    async with relaying(speaker, bus, producer=faulty.make, pace=one_by_one):
        await drained(speaker)
    assert await bus.versions() == {str(record): [1, 3, 2, 3, 4]}
    await _hear_all(hearer, bus)
    (first, *_) = await hearer.parking.list()
    await hearer.parking.retry(first.parked_id)
    facts = await speaker.log.load(record)
    assert await hearer.heard() == [fact.event_id for fact in facts]
    assert await hearer.parking.list() == []


async def _hear_all(hearer: Service, bus: Topic) -> None:
    messages = await bus.read()
    partitions = sorted({one.partition for one in messages})
    await hearer.inbox.claim([(HEARD_TOPIC, number) for number in partitions])
    for number in partitions:
        batch = [
            Lying(one.key, one.value, one.headers, one.offset, number)
            for one in messages
            if one.partition == number
        ]
        await hearer.inbox.apply(HEARD_TOPIC, number, batch)


@pytest.mark.parametrize("error", [OutOfOrder(), KafkaConnectionError()], ids=repr)
async def test_p08_a_wedged_producer_is_replaced(
    speaker: Service, bus: Topic, error: BaseException
) -> None:
    """P08: a producer that cannot go on is stopped and made anew, and the outbox drains."""
    records = await say(speaker, records=3, facts=2)
    faulty = Faulty(bus.servers, lambda _: error if faulty.made == 1 else None)
    async with relaying(speaker, bus, producer=faulty.make):
        await drained(speaker)
    assert (faulty.made, faulty.stopped) == (2, 2)
    assert await bus.versions() == {str(record): [1, 2] for record in records}


async def test_a_broker_that_is_away_is_waited_for(speaker: Service, bus: Topic) -> None:
    """With Kafka away facts are kept and wait; when it is back they go out."""
    await say(speaker, records=2, facts=1)
    tries: list[int] = []

    async def away_at_first() -> AIOKafkaProducer:
        tries.append(1)
        servers = bus.servers if len(tries) > 2 else "127.0.0.1:1"
        return await make_producer(servers)()

    async with relaying(speaker, bus, producer=away_at_first):
        await drained(speaker)
    assert len(tries) == 3


async def test_p45_a_fact_too_large_for_kafka_holds_up_its_record_only(
    speaker: Service, bus: Topic
) -> None:
    """P45: what Kafka will never take is marked, its record waits behind it, others go on."""
    poisoned, other = speaker.stamp.ids.new(), an_append()
    facts = speaker.stamp.record(
        poisoned, [], [ProjectStarted(), QuoteDeclined(offer=1), ProjectStarted()]
    )
    oversize = msgspec.structs.replace(facts[1], data='{"offer":1' + " " * 1_200_000 + "}")
    recorded = (facts[0], oversize, facts[2])
    await speaker.log.append(Append(record=poisoned, expected_version=0, recorded=recorded))
    await speaker.log.append(other)
    async with relaying(speaker, bus):

        async def only_the_poisoned_wait() -> bool:
            return {row[0] for row in await speaker.rows("list_outbox")} == {poisoned} and (
                await speaker.value("count_outbox") == 2
            )

        await until(only_the_poisoned_wait)
        await speaker.log.append(an_append(other.record, at=1))
        await until(only_the_poisoned_wait)
    rows = await speaker.rows("list_outbox")
    assert [(row[1], row[2] is not None) for row in rows] == [(2, True), (3, False)]
    assert await bus.versions() == {str(poisoned): [1], str(other.record): [1, 2]}


async def test_a_relay_that_dies_before_the_delete_sends_again(
    speaker: Service, hearer: Service, bus: Topic
) -> None:
    """Between acknowledgement and delete a crash sends twice; downstream drops the repeats."""
    (record,) = await say(speaker, records=1, facts=3)
    relay = Relay(speaker.log, make_producer(bus.servers), topic=bus.name, pace=QUICK)
    async with speaker.log.pool.acquire() as connection:
        facts = await speaker.log.load(record)
        rows = await connection.fetch(QUERIES["read_outbox"], 10, SHARD)
        producer = await make_producer(bus.servers)()
        handed = await relay._hand_over(Sending(producer, bus.name), rows)
        sent, trouble = await relay._acknowledged(handed)
        await producer.stop()
    assert (len(sent), trouble) == (3, None)
    async with relaying(speaker, bus):
        await drained(speaker)
    assert await bus.versions() == {str(record): [1, 2, 3, 1, 2, 3]}
    await _hear_all(hearer, bus)
    assert await hearer.heard() == [fact.event_id for fact in facts]


async def test_only_what_can_be_done_again_does_not_wait_for_the_disk(speaker: Service) -> None:
    """What was sent may be forgotten in a crash, and is sent again; what was said may not be."""
    relay = Relay(speaker.log, make_producer("nobody"), pace=QUICK)
    async with speaker.log.pool.acquire() as elected, speaker.log.pool.acquire() as other:
        await relay._elected(elected)
        hurries = [await one.fetchval(SQL["read_hurry"]) for one in (elected, other)]
        elected.terminate()
    assert hurries == ["off", "on"]


async def test_a_relay_leaves_no_session_of_its_own_behind(speaker: Service, bus: Topic) -> None:
    """The session that waits for no disk goes with the relay: nobody says a fact on it."""
    async with relaying(speaker, bus) as relay:
        await until(_elected(relay))
    async with AsyncExitStack() as taken:
        # The pool lends first what came back last.
        taking = [taken.enter_async_context(speaker.log.pool.acquire()) for _ in range(3)]
        hurries = [await (await one).fetchval(SQL["read_hurry"]) for one in taking]
    assert set(hurries) == {"on"}


async def test_an_absent_database_is_met_with_patience(
    speaker: Service, quotes_database: FreshDatabase, bus: Topic
) -> None:
    """A relay whose database went away under it comes back by itself, with a new epoch."""
    async with relaying(speaker, bus) as relay:
        await until(_elected(relay))
        await _kill(quotes_database, await speaker.value("elected_session"))
        await say(speaker, records=1, facts=1)
        await drained(speaker)
    assert len(await bus.read()) == 1
