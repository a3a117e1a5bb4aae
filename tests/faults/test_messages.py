"""Messages that cannot be read, that come too early, and that are old: none is lost or skipped."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from deploy.native.topics import Topic as Declared
from deploy.native.topics import prepare_topics
from libs.events.hearing import Reason, read_heard
from libs.events.ids import RealIds
from libs.events.inbox import Inbox
from libs.events.message import Message, from_message, to_message
from libs.events.parking import ParkedView
from libs.events.recorded import Recorded
from libs.events.values import Owner
from libs.events.vocabulary.quotes import ProjectStarted, QuoteDeclined
from tests.contract.samples import Sample, all_samples
from tests.faults.extent import Extent
from tests.faults.next_release import SAID_NEXT, decode_next
from tests.faults.poison import CANARY, LARGEST_MESSAGE_BYTES, POISONS, Raw, send_raw
from tests.integration.libs.events.hearing import has_heard, listening
from tests.integration.libs.events.little import Reacting
from tests.integration.libs.events.pieces import (
    Service,
    Topic,
    make_view,
    running_service,
    until,
)
from tests.unit.libs.events.facts import facts_of

pytestmark = pytest.mark.timeout(180)
MakeDatabase = Callable[[str], FreshDatabase]


@pytest.fixture
async def bus(stack: Stack, topic: Callable[[int], Awaitable[str]]) -> Topic:
    """A topic that takes more than a service would ever say."""
    name = f"{await topic(1)}-large"
    configuration = {"max.message.bytes": str(LARGEST_MESSAGE_BYTES)}
    await prepare_topics(stack.kafka_servers, [Declared(name, 4, "test", configuration)])
    return Topic(name, stack.kafka_servers)


@pytest.fixture
async def hearer(database: MakeDatabase, bus: Topic) -> AsyncIterator[Service]:
    """A service that hears the topic as quotes' own."""
    made = database("billing")
    await make_view(made)
    async with running_service(made, topic=bus.name) as service:
        yield service


async def all_parked(service: Service) -> list[ParkedView]:
    """Every parked message."""
    return [*await service.parking.list(limit=1000)]


def are_parked(service: Service, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether so many are parked by now."""

    async def reached() -> bool:
        return len(await all_parked(service)) >= count

    return reached


@dataclass(frozen=True)
class Spoilt:
    """A record whose first fact was spoilt on its way, and the fact behind it."""

    kind: str
    record: UUID
    behind: Recorded


def spoil(kinds: list[str]) -> tuple[list[Spoilt], list[Raw]]:
    """One record per kind of poison, and the messages that lie on the topic."""
    spoilt: list[Spoilt] = []
    messages: list[Raw] = []
    for kind in kinds:
        record = RealIds().new()
        first, behind = facts_of(record, QuoteDeclined(offer=1), ProjectStarted())
        messages += [POISONS[kind](to_message(first)), as_is(to_message(behind))]
        spoilt.append(Spoilt(kind, record, behind))
    return spoilt, messages


async def test_f45_poison_is_parked_and_holds_up_its_own_record_only(
    extent: Extent, hearer: Service, bus: Topic
) -> None:
    """What nobody can read is set aside with its reason; all others are heard; nothing is lost."""
    spoilt, messages = spoil([*POISONS])
    bystanders = [
        fact
        for _ in range(extent.of(20, 500))
        for fact in facts_of(RealIds().new(), *[ProjectStarted()] * 3)
    ]
    half = len(bystanders) // 2
    async with listening(hearer, bus):
        await bus.send_facts(bystanders[:half])
        await send_raw(bus.servers, bus.name, messages)
        await bus.send_facts(bystanders[half:])
        await has_heard(hearer, len(bystanders))
        await until(are_parked(hearer, len(messages)))
    parked = await all_parked(hearer)
    assert {one.record for one in parked} == {one.record for one in spoilt}
    assert len(parked) == len(messages)
    behind = [one for one in parked if one.reason == Reason.HELD_BACK.value]
    assert len(behind) == len(spoilt)
    assert set(await hearer.heard()) == {fact.event_id for fact in bystanders}
    assert not any(CANARY in one.detail for one in parked)
    taken = await drop_poison(hearer, parked)
    assert (taken, await all_parked(hearer)) == (len(spoilt), [])
    assert {one.behind.event_id for one in spoilt} <= set(await hearer.heard())
    extent.saw(f"{len(spoilt)} kinds parked, {len(bystanders)} facts of others heard, 0 lost")


async def drop_poison(service: Service, parked: list[ParkedView]) -> int:
    """Drop what cannot be read; gives how many went through that had waited behind."""
    dropped = [
        await service.parking.drop(one.parked_id, because="a test spoilt it", by="ops-1")
        for one in parked
        if one.reason != Reason.HELD_BACK.value
    ]
    return sum(one.taken for one in dropped)


def reading_next(service: Service, topic: str) -> Service:
    """The same service after its upgrade: another process over the same database."""
    reacting = Reacting()
    inbox = Inbox(
        service.log, service.stamp, reacting.reactions, {topic: Owner.QUOTES}, decode_next
    )
    return replace(service, inbox=inbox, reacting=reacting)


@pytest.fixture
async def upgraded(database: MakeDatabase, bus: Topic) -> AsyncIterator[Service]:
    """Another service that was of the next release all along."""
    made = database("billing")
    await make_view(made)
    async with running_service(made, topic=bus.name) as service:
        yield reading_next(service, bus.name)


def said_next(records: int) -> tuple[list[Raw], dict[UUID, list[UUID]]]:
    """Three facts of each record, of every third record the second as the next release says it.

    Shape: the messages, and the facts of each record in their order.
    Why: a share above a fifth would stop the hearing, which is another promise.
    """
    messages: list[Raw] = []
    told: dict[UUID, list[UUID]] = {}
    for number in range(records):
        facts = facts_of(RealIds().new(), *[ProjectStarted()] * 3)
        first, second, third = map(to_message, facts)
        spoken = [*SAID_NEXT.values()][number // 3 % len(SAID_NEXT)] if number % 3 == 0 else as_is
        messages += [as_is(first), spoken(second), as_is(third)]
        told[facts[0].record] = [fact.event_id for fact in facts]
    return messages, told


def as_is(message: Message) -> Raw:
    """The message as it was said."""
    return message.key, message.value, message.headers


async def stories(service: Service) -> dict[UUID, list[UUID]]:
    """What caused each record's facts, in their order."""
    found: dict[UUID, list[UUID]] = {}
    for record, _, _, cause in await service.rows("list_events"):
        found.setdefault(record, []).append(cause)
    return found


async def test_f46_what_is_newer_waits_and_goes_through_after_the_upgrade(
    extent: Extent, hearer: Service, upgraded: Service, bus: Topic
) -> None:
    """A newer fact is parked, never skipped; read again later, all is as if always known."""
    newer = extent.of(8, 400)
    records = 3 * newer
    messages, told = said_next(records)
    await send_raw(bus.servers, bus.name, messages)
    async with listening(upgraded, bus):
        await has_heard(upgraded, 3 * records)
    async with listening(hearer, bus):
        await until(are_parked(hearer, 2 * newer))
        await has_heard(hearer, 3 * records - 2 * newer)
    named = [one for one in await all_parked(hearer) if one.reason == Reason.NEWER_SCHEMA.value]
    assert len(named) == newer / len(SAID_NEXT)
    assert len(await hearer.heard()) == 3 * records - 2 * newer
    retried = await reading_next(hearer, bus.name).parking.retry_many(None, limit=1000)
    assert (retried.taken, retried.parked_again) == (2 * newer, 0)
    assert await stories(hearer) == await stories(upgraded) == told
    extent.saw(f"{newer} newer facts of {len(SAID_NEXT)} kinds parked, all taken in later")


async def test_f47_every_message_ever_written_is_read(extent: Extent, stack: Stack) -> None:
    """The whole corpus, through the broker: each old message is the event that it was."""
    samples = {sample.named: sample for sample in all_samples()}
    read = 0
    for owner in Owner:
        own = [one for one in samples.values() if owner_of(one) == owner]
        bus = Topic(f"corpus-{owner}-{os.getpid()}.events", stack.kafka_servers)
        await prepare_topics(stack.kafka_servers, [Declared(bus.name, 2, "test", {})])
        await send_raw(bus.servers, bus.name, [(one.key, one.value, one.headers) for one in own])
        for message in await bus.read():
            fact = read_heard(message, {bus.name: owner})
            assert isinstance(fact, Recorded), fact
            kept = samples[fact.name, fact.schema_version]
            assert fact.event == from_message(kept.key, kept.value, kept.headers).event
            read += 1
    assert read == len(samples) > 0
    extent.saw(f"{read} of {len(samples)} kinds of message read, the oldest included")


def owner_of(sample: Sample) -> str:
    """Who said it."""
    return (dict(sample.headers)["ce_source"] or b"").decode().rpartition("/")[2]


async def test_f48_two_releases_side_by_side_lose_and_double_nothing(
    extent: Extent, hearer: Service, bus: Topic
) -> None:
    """While one process is older than its neighbour all goes on; when both are new all is in.

    Shape: both hear the topic in one group over one database, each its partitions; then the older
    one is started again as the newer one, under its own name.
    """
    newer = extent.of(8, 300)
    messages, wanted = said_next(3 * newer)
    half, beside = len(messages) // 2, reading_next(hearer, bus.name)
    async with listening(beside, bus, instance="1"):
        async with listening(hearer, bus, instance="0"):
            await send_raw(bus.servers, bus.name, messages[:half])
            await until(are_weighed(hearer, half))
        async with listening(reading_next(hearer, bus.name), bus, instance="0"):
            await send_raw(bus.servers, bus.name, messages[half:])
            await until(are_weighed(hearer, len(messages)))
    assert hearer.reacting.calls
    assert beside.reacting.calls
    parked = len(await all_parked(hearer))
    retried = await beside.parking.retry_many(None, limit=1000)
    assert (retried.taken, await all_parked(hearer)) == (parked, [])
    assert await stories(hearer) == wanted
    extent.saw(f"{len(messages)} facts heard by both releases, {parked} of them parked meanwhile")


def are_weighed(service: Service, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether so many messages were taken in or parked by now."""

    async def reached() -> bool:
        return len(await service.heard()) + len(await all_parked(service)) >= count

    return reached
