"""A fact in a schema newer than its reader waits as such, and goes through after the upgrade."""

from collections.abc import Mapping
from uuid import UUID

import msgspec
import pytest

from libs.events.codec import decode_event
from libs.events.event import Event
from libs.events.hearing import Reason
from libs.events.inbox import Inbox
from libs.events.message import Header
from libs.events.parking import Parking, RetriedMany
from libs.events.values import Owner
from libs.events.vocabulary.quotes import ProjectStarted
from tests.integration.libs.events.pieces import HEARD_TOPIC, Lying, Service, lying
from tests.unit.libs.events.facts import facts_of

ONE, TWO = UUID(int=1), UUID(int=2)
NEWER = 2
MOODS = {"mood": "good"}
"""What the planted version tells besides."""


def _newer(message: Lying) -> Lying:
    """The same fact as a newer release says it: another version, another field."""
    headers: Mapping[str, bytes | None] = {
        **dict(message.headers),
        "ce_dataversion": str(NEWER).encode(),
    }
    pairs: tuple[Header, ...] = tuple(headers.items())
    return Lying(message.key, msgspec.json.encode(MOODS), pairs, message.offset)


def _learned(name: str, schema_version: int, data: bytes) -> Event:
    """The reader after its upgrade: it knows the planted version too."""
    if (name, schema_version) == ("ProjectStarted", NEWER):
        assert msgspec.json.decode(data) == MOODS
        return ProjectStarted()
    return decode_event(name, schema_version, data)


@pytest.fixture
async def waiting(hearer: Service) -> Service:
    """A hearer that heard one fact, then a newer one with two behind it, and another record's."""
    await hearer.inbox.claim([(HEARD_TOPIC, 0)])
    first, second, *rest = lying(facts_of(ONE, *[ProjectStarted()] * 4))
    other = lying(facts_of(TWO, ProjectStarted()), first=4)
    await hearer.inbox.apply(HEARD_TOPIC, 0, [first, _newer(second), *rest, *other])
    return hearer


def _upgraded(service: Service) -> Parking:
    topics = {HEARD_TOPIC: Owner.QUOTES}
    reactions = service.reacting.reactions
    inbox = Inbox(service.log, service.stamp, reactions, topics, _learned)
    return Parking(inbox, service.log, service.stamp)


async def test_a_newer_schema_is_parked_as_such(waiting: Service) -> None:
    """The reason names it, and only its own record waits (P21)."""
    parked = await waiting.parking.list()
    assert [one.reason for one in parked] == [
        Reason.NEWER_SCHEMA.value,
        *[Reason.HELD_BACK.value] * 2,
    ]
    assert {one.record for one in parked} == {ONE}
    assert parked[0].detail == "ProjectStarted has version 2; this reader knows 1 to 1"
    assert len(await waiting.heard()) == 2


async def test_before_the_upgrade_a_retry_parks_it_again(waiting: Service) -> None:
    """A retry by reason counts what parked again, and the order stays."""
    found = await waiting.parking.retry_many(Reason.NEWER_SCHEMA)
    assert found == RetriedMany(records=1, taken=0, parked_again=3, next=None)
    assert [one.retries for one in await waiting.parking.list()] == [1, 1, 1]


async def test_after_the_upgrade_a_retry_takes_it_in(waiting: Service) -> None:
    """The reader that learned the version takes it and those behind it, in order."""
    found = await _upgraded(waiting).retry_many(Reason.NEWER_SCHEMA)
    assert found == RetriedMany(records=1, taken=3, parked_again=0, next=None)
    assert await waiting.parking.list() == []
    assert len(await waiting.heard()) == 5


async def test_a_retry_of_another_reason_tries_nothing(waiting: Service) -> None:
    """Only records with a message of that reason are tried."""
    found = await _upgraded(waiting).retry_many(Reason.REACTION_FAILED)
    assert (found.records, len(await waiting.parking.list())) == (0, 3)


async def test_what_was_dropped_is_listed_with_who_and_why(waiting: Service) -> None:
    """A drop stays to be seen: who, why and when."""
    (first, *_) = await waiting.parking.list()
    await waiting.parking.drop(first.parked_id, because="said by mistake", by="ops-7")
    (drop,) = await waiting.parking.list_drops()
    assert (drop.parked_id, drop.because, drop.by) == (first.parked_id, "said by mistake", "ops-7")
    assert drop.dropped_at == waiting.stamp.clock.now()
    assert await waiting.parking.list_drops(after=first.parked_id) == []
