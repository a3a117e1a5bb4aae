"""One service's log restored alone, behind its own topic: it holds, and takes back what it lost."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from deploy.native import databases
from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from libs.events.event import Event
from libs.events.message import to_message
from libs.events.own_topic import OwnTopic
from libs.events.put_back import OthersWereSaid, PutBack, PuttingBack
from libs.events.testing.log_conformance import an_append
from libs.events.vocabulary.quotes import ProjectStarted
from tests.faults.extent import Extent
from tests.faults.poison import with_header
from tests.integration.libs.events.conftest import MakeDatabase, MakeTopic
from tests.integration.libs.events.pieces import (
    HEARD_TOPIC,
    Lying,
    Service,
    Topic,
    lying,
    make_view,
    running_service,
    until,
)
from tests.integration.libs.events.rebuilding import rebuild
from tests.integration.libs.events.relaying import relaying
from tests.unit.libs.events.facts import facts_of

pytestmark = pytest.mark.timeout(180)
LETTER: dict[type[Event], tuple[str, ...]] = {ProjectStarted: ("letter",)}


@pytest.fixture
async def bus(stack: Stack, topic: MakeTopic) -> Topic:
    """The topic that the service speaks on."""
    return Topic(await topic(2), stack.kafka_servers)


@pytest.fixture
async def quotes(database: MakeDatabase) -> FreshDatabase:
    """The database of the service that speaks."""
    made = database("quotes")
    await make_view(made)
    return made


@contextmanager
def backup(of: FreshDatabase) -> Iterator[FreshDatabase]:
    """A database as it is now; nobody may be connected to it."""
    copy = FreshDatabase(of.stack, of.kind, f"{of.name}_backup")
    visitors = databases.visitors(of.kind)
    databases.make_database(of.stack, copy.name, visitors=visitors, template=of.name)
    try:
        yield copy
    finally:
        databases.drop_database(of.stack, copy.name)


@asynccontextmanager
async def at_work(database: FreshDatabase, bus: Topic) -> AsyncIterator[Service]:
    """A service that speaks on the topic; all it has said is there when this ends."""
    async with running_service(database, effects=LETTER) as service, relaying(service, bus):
        yield service
        await sent(service)


async def sent(service: Service) -> None:
    """Wait until nothing waits to be sent."""

    async def is_empty() -> bool:
        return bool(await service.value("count_outbox") == 0)

    await until(is_empty)


async def say(service: Service, records: list[UUID], *, at: int) -> list[UUID]:
    """One more fact about each record; without any, about four new ones."""
    appends = [an_append(one, at=at) for one in records] or [an_append() for _ in range(4)]
    for append in appends:
        await service.log.append(append)
    return [one.record for one in appends]


async def log_of(service: Service, records: list[UUID]) -> dict[UUID, list[Any]]:
    """What the log holds of these records, whole but for its places."""
    return {
        record: [
            (one.event_id, one.version, one.name, one.recorded_at, one.causation_id, one.data)
            for one in await service.log.load(record)
        ]
        for record in records
    }


async def view_of(service: Service, records: list[UUID]) -> set[tuple[Any, ...]]:
    """The view's rows of these records."""
    return set(await service.rows("read_little", records))


async def put_back(service: Service, bus: Topic, *, dry_run: bool = False) -> PuttingBack:
    """What became of the facts that only the topic has."""
    own_topic = OwnTopic(bus.servers, service.log.owner, bus.name)
    steps = PutBack(service.log, own_topic).run(dry_run=dry_run)
    return [step async for step in steps][-1]


async def test_f72_log_restored_alone_holds_until_its_facts_are_put_back(
    extent: Extent, quotes: FreshDatabase, bus: Topic
) -> None:
    """It sends nothing while its topic is ahead; put back, log, topic and view are as before."""
    async with at_work(quotes, bus) as service:
        old = await say(service, [], at=0)
    with backup(quotes) as restored:
        async with at_work(quotes, bus) as service:
            await say(service, old, at=1)
            records = [*old, *await say(service, [], at=0)]
        async with running_service(quotes) as service:
            log, view = await log_of(service, records), await view_of(service, records)
        topic = await bus.versions()
        async with running_service(restored, effects=LETTER) as service:
            owed = len(await service.rows("list_effects"))
            with capture_logs() as said:
                async with relaying(service, bus) as relay:
                    (new, *_) = await say(service, [], at=0)
                    await until(lambda: held(said))
                    assert not relay.is_elected
                    assert await bus.versions() == topic
                    assert (await put_back(service, bus, dry_run=True)).lost == 8
                    assert await service.value("count_outbox") == 4
                    assert (await put_back(service, bus)).put_back == 8
                    await sent(service)
            assert await log_of(service, records) == log
            assert await view_of(service, records) == view
            assert len(await service.rows("list_effects")) == owed + 8 + 4
            assert (await rebuild(service, bus, "verify")).equal
            now = await bus.versions()
            assert {record: now[record] for record in topic} == topic
            assert now[str(new)] == [1]
            assert (await put_back(service, bus)).lost == 0
    extent.saw("8 facts lost with a restore: held, put back; log, topic and view as before")


async def held(said: list[Any]) -> bool:
    """Whether the relay has looked more than once and sent nothing each time."""
    return len([one for one in said if one.get("reason") == "LogIsBehind"]) > 1


async def test_f72_other_facts_said_meanwhile_are_named(quotes: FreshDatabase, bus: Topic) -> None:
    """Where the log has other facts under the lost ones' versions nothing at all is put back."""
    async with at_work(quotes, bus) as service:
        changed, *others = await say(service, [], at=0)
    with backup(quotes) as restored:
        async with at_work(quotes, bus) as service:
            await say(service, [changed, *others], at=1)
        async with running_service(restored) as service:
            await say(service, [changed], at=1)
            before = await log_of(service, others)
            with pytest.raises(OthersWereSaid, match=str(changed)) as refused:
                await put_back(service, bus)
            assert not any(str(one) in str(refused.value) for one in others)
            assert await log_of(service, others) == before


async def test_f72_what_nobody_can_read_holds_nothing(quotes: FreshDatabase, bus: Topic) -> None:
    """What only claims to be a fact of this owner is for hearers to park; the relay sends on."""
    (claimed,) = facts_of(UUID(int=7), ProjectStarted())
    message = to_message(claimed)
    newer = with_header(message.headers, "ce_dataversion", b"99")
    await bus.send([(message.key, message.value, newer)])
    async with at_work(quotes, bus) as service:
        await say(service, [], at=0)


async def test_f72_hearer_restored_alone_says_nothing_twice(
    extent: Extent, database: MakeDatabase, bus: Topic
) -> None:
    """It hears again what it had taken in; what followed came back, and does not follow again."""
    made = database("billing")
    await make_view(made)
    heard = lying(
        [one for at in range(1, 4) for one in facts_of(UUID(int=at), *[ProjectStarted()] * 2)]
    )
    async with at_work(made, bus) as service:
        await hear(service, heard[:2])
    with backup(made) as restored:
        async with at_work(made, bus) as service:
            await hear(service, heard)
            causes = await service.heard()
        topic = await bus.versions()
        async with running_service(restored) as service:
            assert (await put_back(service, bus)).put_back == 4
        async with at_work(restored, bus) as service:
            await hear(service, heard)
            assert await service.heard() == causes
        assert await bus.versions() == topic
    extent.saw("a hearer lost 4 facts, took them back and heard 4 again: 0 doubled")


async def hear(service: Service, messages: list[Lying]) -> None:
    """Take these in, from where the service left off."""
    await service.inbox.claim([(HEARD_TOPIC, 0)])
    await service.inbox.apply(HEARD_TOPIC, 0, messages)
