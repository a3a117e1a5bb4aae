"""F02 on the bus: killed at any call, relay and inbox lose nothing and do nothing twice."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg
import pytest

from libs.events.clock import FixedClock
from libs.events.handle import Stamp
from libs.events.ids import RealIds
from libs.events.log import Append
from libs.events.personal import Personal
from libs.events.postgres_log import PostgresLog
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import NOW
from libs.events.values import Owner
from libs.events.vocabulary.quotes import (
    ProjectStarted,
    QuoteDeclined,
    QuoteDetails,
    QuoteRequested,
)
from tests.faults.every_step.bus import HEARD, SENT, Heard, OnTopic, hear, relay
from tests.faults.every_step.conftest import SweepThrough
from tests.faults.every_step.parts import Parts, Sight
from tests.faults.every_step.sweep import Flow
from tests.integration.libs.events.pieces import Topic

MakeTopic = Callable[[int], Awaitable[str]]
STAMP = Stamp(Owner.QUOTES, FixedClock(NOW), RealIds())
DETAILS = QuoteDetails(name="Canary", email="canary@canary.example", brief="CANARY-HERON")
REQUESTED = QuoteRequested(language="en", details=Personal(DETAILS))
SECRETS = {"quote": b"k" * 32}


@dataclass
class Sending:
    """Facts that wait in the outbox, and what is to lie on the topic in the end."""

    sight: Sight
    bus: Topic

    async def prepare(self, count: int) -> Sequence[UUID]:
        """So many records."""
        return [uuid4() for _ in range(count)]

    async def begin(self, record: UUID) -> None:
        """Keep two facts of the record and one of another."""
        async with asyncpg.create_pool(
            self.sight.parts.databases["quotes"].url(), min_size=0
        ) as pool:
            log = PostgresLog(pool, Owner.QUOTES)
            for one, events in ((record, [ProjectStarted()] * 2), (uuid4(), [ProjectStarted()])):
                facts = STAMP.record(one, [], events)
                await log.append(Append(record=one, expected_version=0, recorded=facts))

    async def check(self, _: UUID) -> None:
        """Every fact of the log lies there, in order, and nothing else; nothing waits."""
        assert await self.sight.rows("quotes", "count_unsent") == [(0,)]
        kept = await self.sight.rows("quotes", "list_versions")
        first_seen = {
            (UUID(one.key.decode()), int(headers["ce_recordversion"]), UUID(headers["ce_id"])): None
            for one in await self.bus.read()
            for headers in [{name: value.decode() for name, value in one.headers}]
        }
        assert sorted(first_seen) == kept
        for record in {record for record, _, _ in kept}:
            versions = [version for one, version, _ in first_seen if one == record]
            assert versions == sorted(versions)


@dataclass
class Hearing:
    """Facts on the topic, and what retention is to say because of them."""

    sight: Sight
    bus: Topic
    end: int = 0
    facts: dict[int, tuple[Recorded, ...]] = field(default_factory=dict)

    async def prepare(self, count: int) -> Sequence[Heard]:
        """So many pairs of records, one asked for and declined, one asked for."""
        return [self._one() for _ in range(count)]

    def _one(self) -> Heard:
        asked = STAMP.record(uuid4(), [], [REQUESTED, QuoteDeclined(offer=1)], secrets=SECRETS)
        other = STAMP.record(uuid4(), [], [REQUESTED], secrets=SECRETS)
        self.end += 3
        self.facts[self.end] = (*asked, *other)
        return Heard(tuple(one.event_id for one in self.facts[self.end]), self.end)

    async def begin(self, work: Heard) -> None:
        """Put them on the topic."""
        await self.bus.send_facts(self.facts[work.end], partition=0)

    async def check(self, work: Heard) -> None:
        """One fact of retention's for each, in order, and the place moved past them."""
        caused = await self.sight.rows("retention", "count_caused", list(work.facts))
        assert dict(caused) == dict.fromkeys(work.facts, 1)
        assert await self.sight.rows("retention", "find_offset", self.bus.name) == [(work.end,)]
        assert await self.sight.rows("retention", "list_gaps") == []
        assert await self.sight.rows("retention", "count_parked") == [(0,)]


@pytest.fixture
async def ground(parts: Parts, topic: MakeTopic) -> OnTopic:
    """A topic of one partition, so that a batch is one batch each time."""
    return OnTopic(parts, await topic(1))


@pytest.fixture
def bus(ground: OnTopic) -> Topic:
    """The topic as the test sees it."""
    return Topic(ground.topic, ground.parts.stack.kafka_servers)


@pytest.mark.timeout(900)
async def test_f02_relay_killed_at_every_call(
    ground: OnTopic, bus: Topic, sight: Sight, sweep_through: SweepThrough
) -> None:
    """F02: what was kept is on the topic, in order, whenever the relay dies; nothing else is."""
    sending = Sending(sight, bus)
    flow = Flow(
        name="relay",
        run=relay,
        ground=ground,
        prepare=sending.prepare,
        begin=sending.begin,
        check=sending.check,
        last=SENT,
    )
    await sweep_through(flow, 2)


@pytest.mark.timeout(900)
async def test_f02_inbox_killed_at_every_call(
    ground: OnTopic, bus: Topic, sight: Sight, sweep_through: SweepThrough
) -> None:
    """F02: each heard fact has its effect once, whenever the hearer dies."""
    hearing = Hearing(sight, bus)
    flow = Flow(
        name="inbox",
        run=hear,
        ground=ground,
        prepare=hearing.prepare,
        begin=hearing.begin,
        check=hearing.check,
        last=HEARD,
    )
    await sweep_through(flow, 6)
