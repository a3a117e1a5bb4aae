"""A topic that lost its beginning: who had not heard it says so and stops; nothing is skipped."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from libs.events.recorded import Recorded
from libs.events.same_topic import BeginsLater, TopicIsAnother
from tests.faults.ear_process import FETCHED
from tests.faults.extent import Extent
from tests.faults.halting import How
from tests.faults.hearers import Hearing, some_facts
from tests.integration.libs.events.hearing import listening
from tests.integration.libs.events.pieces import Topic, make_view, running_service, until

pytestmark = pytest.mark.timeout(300)
STOPPED_SECONDS = 60.0
MORE_THAN_A_CLIENT_FETCHES = 6000
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


async def delete_before(bus: Topic, offset: int) -> None:
    """Let Kafka delete what lies before an offset of the first partition, as retention would."""
    place = TopicPartition(bus.name, 0)
    admin = AIOKafkaAdminClient(bootstrap_servers=bus.servers)
    await admin.start()
    try:
        await admin.delete_records({place: RecordsToDelete(before_offset=offset)})
    finally:
        await admin.close()
    left = [one.offset for one in await bus.read() if one.partition == 0]
    assert min(left, default=offset) == offset


async def heard_before(side: Hearing, facts: Sequence[Recorded]) -> None:
    """These facts were taken in, and then nobody listened."""
    await side.bus.send_facts(facts, partition=0)
    async with side.healed():
        await side.has_heard(len(facts))


@pytest.mark.parametrize("heard", [0, 3])
async def test_f19_records_deleted_before_they_were_heard(
    extent: Extent, side: Hearing, heard: int
) -> None:
    """Whoever comes back to a topic that begins after what it has heard hears nothing of it."""
    old, lost, kept = some_facts(heard), some_facts(4), some_facts(5)
    await heard_before(side, old)
    await side.bus.send_facts([*lost, *kept], partition=0)
    await delete_before(side.bus, heard + len(lost))
    async with listening(side.hearer, side.bus, is_assigned=False) as ear:
        with pytest.raises(TopicIsAnother, match="flux3d refill"):
            await asyncio.wait_for(asyncio.shield(ear.failed), STOPPED_SECONDS)
    assert len(await side.hearer.heard()) == heard
    extent.saw(f"{len(lost)} records gone unheard after {heard} heard: stopped, 0 skipped")


async def test_f19_records_deleted_under_a_running_consumer(extent: Extent, side: Hearing) -> None:
    """A consumer that falls behind what Kafka still has stops; it does not go on from there."""
    facts, kept = some_facts(MORE_THAN_A_CLIENT_FETCHES), 5
    await side.bus.send_facts(facts, partition=0)
    with side.ear(FETCHED, How.STOPS) as ear:
        await ear.is_there()
        assert ear.is_stopped, side.log.read_text()
        await delete_before(side.bus, len(facts) - kept)
        ear.thaw()
        await side.says("hearing_stopped")
    heard = await side.hearer.heard()
    assert heard == [one.event_id for one in facts[: len(heard)]]
    gone = len(facts) - kept - len(heard)
    assert gone > 0
    extent.saw(f"{gone} records gone under a slow consumer: stopped after {len(heard)}, 0 skipped")


async def test_f19_all_records_deleted_under_a_slow_consumer(extent: Extent, side: Hearing) -> None:
    """Where nothing is left to come, the ear looks by itself, and says that something is gone."""
    facts = some_facts(MORE_THAN_A_CLIENT_FETCHES)
    await side.bus.send_facts(facts, partition=0)
    side.hearer.reacting.may_go_on.clear()
    async with side.healed() as ear:
        await side.hearer.reacting.began.wait()
        await delete_before(side.bus, len(facts))
        side.hearer.reacting.may_go_on.set()

        async def is_noticed() -> bool:
            await ear.look_at_ends()
            return ear.failed.done()

        await until(is_noticed, seconds=STOPPED_SECONDS)
        assert isinstance(ear.failed.exception(), BeginsLater)
    heard = await side.hearer.heard()
    assert heard == [one.event_id for one in facts[: len(heard)]]
    extent.saw(f"all of {len(facts)} gone after {len(heard)} were heard: stopped, 0 skipped")
