"""A consumer that must park too much stops, says so, and goes on when an operator says so."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from deploy.native.testing import FreshDatabase
from libs.events.event import Event
from libs.events.hearing_stop import LIMITS, HearingStopped, current_stop
from libs.events.parking import NotStopped
from libs.events.vocabulary.quotes import ProjectStarted
from tests.integration.libs.events.hearing import listening
from tests.integration.libs.events.pieces import (
    HEARD_TOPIC,
    Lying,
    Service,
    Topic,
    lying,
    running_service,
    until,
)
from tests.unit.libs.events.facts import facts_of

A_FACT: tuple[Event, ...] = (ProjectStarted(),)


def _fresh(count: int, *, first: int, bad: bool) -> list[Lying]:
    """First facts of as many records, readable or not, one behind the other."""
    facts = [facts_of(UUID(int=first + number), *A_FACT)[0] for number in range(1, count + 1)]
    messages = lying(facts, first=first)
    if not bad:
        return messages
    return [Lying(one.key, b"not JSON", one.headers, one.offset) for one in messages]


async def _hear(hearer: Service, messages: Sequence[Lying]) -> None:
    await hearer.inbox.apply(HEARD_TOPIC, 0, messages)


@pytest.fixture
async def claimed(hearer: Service) -> Service:
    """A hearer that holds one partition."""
    await hearer.inbox.claim([(HEARD_TOPIC, 0)])
    return hearer


async def test_a_consumer_past_its_share_stops(claimed: Service) -> None:
    """The fiftieth parked message of a hundred is kept, and nothing after it is heard (F45)."""
    await _hear(claimed, _fresh(50, first=0, bad=False))
    await _hear(claimed, _fresh(49, first=50, bad=True))
    with pytest.raises(HearingStopped, match=r"50 of the last 100 messages of quotes\.events"):
        await _hear(claimed, _fresh(1, first=99, bad=True))
    assert await claimed.value("next_offset", HEARD_TOPIC, 0) == 100
    with pytest.raises(HearingStopped):
        await _hear(claimed, _fresh(1, first=100, bad=False))
    assert await claimed.value("next_offset", HEARD_TOPIC, 0) == 100


async def test_a_few_bad_messages_stop_nobody(claimed: Service) -> None:
    """Below the least number a share is no pattern, even when all are bad."""
    await _hear(claimed, _fresh(LIMITS.parked_messages_min - 1, first=0, bad=True))
    await _hear(claimed, _fresh(5, first=100, bad=False))
    assert await current_stop(claimed.log.pool) is None


async def test_bad_messages_among_many_stop_nobody(claimed: Service) -> None:
    """A fifth of the last messages may be parked; one more may not."""
    fifth = int(LIMITS.recent_messages * LIMITS.share)
    await _hear(claimed, _fresh(LIMITS.recent_messages - fifth, first=0, bad=False))
    await _hear(claimed, _fresh(fifth, first=LIMITS.recent_messages - fifth, bad=True))
    assert await current_stop(claimed.log.pool) is None
    with pytest.raises(HearingStopped):
        await _hear(claimed, _fresh(1, first=LIMITS.recent_messages, bad=True))


async def test_one_record_held_back_stops_nobody(claimed: Service) -> None:
    """What waits behind one bad message of its record says nothing new."""
    facts = facts_of(UUID(int=1), *[ProjectStarted()] * 80)
    messages = lying(facts)
    bad = Lying(messages[0].key, b"not JSON", messages[0].headers)
    await _hear(claimed, [bad, *messages[1:]])
    assert len(await claimed.parking.list()) == 80
    assert await current_stop(claimed.log.pool) is None


async def test_a_stop_outlives_the_process(
    claimed: Service, billing_database: FreshDatabase
) -> None:
    """A process that begins anew finds the stop and hears nothing."""
    with pytest.raises(HearingStopped):
        await _hear(claimed, _fresh(60, first=0, bad=True))
    async with running_service(billing_database) as again:
        await again.inbox.claim([(HEARD_TOPIC, 0)])
        with pytest.raises(HearingStopped):
            await _hear(again, _fresh(1, first=60, bad=False))


async def test_an_operator_resumes_and_it_counts_anew(claimed: Service) -> None:
    """After a resume hearing goes on where it stopped, who resumed is kept, and old ones rest."""
    with pytest.raises(HearingStopped):
        await _hear(claimed, _fresh(60, first=0, bad=True))
    ended = await claimed.parking.resume(by="ops-7")
    assert (ended.parked_messages, ended.recent_messages) == (60, 60)
    await _hear(claimed, _fresh(49, first=60, bad=True))
    assert await current_stop(claimed.log.pool) is None
    with pytest.raises(HearingStopped):
        await _hear(claimed, _fresh(1, first=109, bad=True))


async def test_parked_messages_are_retried_while_it_is_stopped(claimed: Service) -> None:
    """An operator may put things right before anything new is heard."""
    for number in range(1, 61):
        claimed.reacting.faults[UUID(int=number)] = ValueError("a fault of ours")
    # Sixty traces for people take longer than the test.
    with pytest.raises(HearingStopped), capture_logs():
        await _hear(claimed, _fresh(60, first=0, bad=False))
    claimed.reacting.faults.clear()
    page = await claimed.parking.retry_many(None, limit=40)
    rest = await claimed.parking.retry_many(None, after=page.next or 0, limit=40)
    assert (page.taken + rest.taken, rest.parked_again, rest.next) == (60, 0, None)


async def test_nothing_to_resume_is_said(claimed: Service) -> None:
    """A service that hears is not resumed."""
    with pytest.raises(NotStopped):
        await claimed.parking.resume(by="ops-7")


async def test_the_ear_says_that_it_stopped(billing_database: FreshDatabase, bus: Topic) -> None:
    """The process is told by the ear, and Kafka's messages wait where they are."""
    facts = [facts_of(UUID(int=number), *A_FACT)[0] for number in range(1, 61)]
    await bus.send([(str(one.record).encode(), b"not JSON", []) for one in facts], partition=0)
    async with (
        running_service(billing_database, topic=bus.name) as hearer,
        listening(hearer, bus) as ear,
    ):

        async def has_failed() -> bool:
            return ear.failed.done()

        await until(has_failed)
        with pytest.raises(HearingStopped):
            await ear.failed
        stop = await current_stop(hearer.log.pool)
    assert stop is not None
    assert "flux3d parked resume" in str(stop)
