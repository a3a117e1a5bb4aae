"""Operators look at parked messages, try them again in order, or drop them with a reason."""

import asyncio
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from deploy.native.testing import FreshDatabase
from libs.events.errors import NotFound
from libs.events.parking import Retried
from libs.events.postgres_rows import QUERIES
from libs.events.recorded import Recorded
from libs.events.vocabulary.quotes import ProjectStarted
from tests.integration.libs.events.pieces import HEARD_TOPIC, Lying, Service, lying, until
from tests.unit.libs.events.facts import facts_of

ONE, TWO = UUID(int=1), UUID(int=2)
FACTS = facts_of(ONE, *[ProjectStarted()] * 4)


async def _hear(hearer: Service, messages: list[Lying]) -> None:
    await hearer.inbox.apply(HEARD_TOPIC, 0, messages)


def _broken(message: Lying) -> Lying:
    return Lying(message.key, b"not JSON", message.headers, message.offset)


def _ids(facts: list[Recorded]) -> list[UUID]:
    return [fact.event_id for fact in facts]


@pytest.fixture
async def failing(hearer: Service) -> Service:
    """A hearer whose reaction failed at the second of four facts."""
    await hearer.inbox.claim([(HEARD_TOPIC, 0)])
    await _hear(hearer, lying(FACTS[:1]))
    hearer.reacting.faults[ONE] = ValueError("a fault of ours")
    await _hear(hearer, lying(FACTS[1:], first=1))
    return hearer


async def _first(hearer: Service) -> int:
    return (await hearer.parking.list())[0].parked_id


async def test_once_mended_all_that_waited_goes_through(failing: Service) -> None:
    """A retry after the fault is mended takes the message and those behind it, in order (P42)."""
    failing.reacting.faults.clear()
    assert await failing.parking.retry(await _first(failing)) == Retried(taken=3, still_parked=0)
    assert await failing.heard() == _ids(FACTS)
    assert await failing.parking.list() == []


async def test_the_record_goes_on_after_a_retry(failing: Service) -> None:
    """What comes after the parked messages went through is taken at once."""
    failing.reacting.faults.clear()
    await failing.parking.retry(await _first(failing))
    fifth = facts_of(ONE, ProjectStarted(), after=FACTS)
    await _hear(failing, lying(fifth, first=4))
    assert await failing.heard() == _ids([*FACTS, *fifth])


async def test_a_retry_that_fails_changes_the_count_only(failing: Service) -> None:
    """While the fault is there a retry keeps all parked, in order, and counts the try."""
    parked_id = await _first(failing)
    assert await failing.parking.retry(parked_id) == Retried(taken=0, still_parked=3)
    shown = await failing.parking.show(parked_id)
    assert (shown.retries, shown.version) == (1, 2)
    assert await failing.heard() == _ids(FACTS[:1])


async def test_any_of_a_records_messages_may_be_named(failing: Service) -> None:
    """A retry of one that waits begins with the one it waits for."""
    failing.reacting.faults.clear()
    last = (await failing.parking.list())[-1].parked_id
    assert (await failing.parking.retry(last)).taken == 3
    assert await failing.heard() == _ids(FACTS)


async def test_messages_that_came_in_the_wrong_order_go_through(hearer: Service) -> None:
    """P07: parked by a hole, then the missing one behind them: a retry sorts them out."""
    await hearer.inbox.claim([(HEARD_TOPIC, 0)])
    order = [FACTS[0], FACTS[2], FACTS[3], FACTS[1], FACTS[2], FACTS[3]]
    await _hear(hearer, lying(order))
    assert await hearer.heard() == _ids(FACTS[:1])
    await hearer.parking.retry(await _first(hearer))
    assert await hearer.heard() == _ids(FACTS)
    assert await hearer.parking.list() == []


async def test_a_drop_lets_the_next_go_on(failing: Service) -> None:
    """A dropped message has no effect for good; those behind it have theirs."""
    failing.reacting.faults.clear()
    retried = await failing.parking.drop(await _first(failing), because="a test", by="operator")
    assert retried == Retried(taken=2, still_parked=0)
    assert await failing.heard() == _ids([FACTS[0], *FACTS[2:]])


async def test_who_dropped_what_and_why_is_kept(failing: Service) -> None:
    """A drop leaves its reason and who did it."""
    failing.reacting.faults.clear()
    await failing.parking.drop(await _first(failing), because="sent by mistake", by="ops-7")
    assert await failing.rows("list_drops") == [(ONE, "sent by mistake", "ops-7")]


async def test_a_dropped_message_that_comes_again_stays_out(failing: Service) -> None:
    """A repeat of what was dropped is a repeat."""
    failing.reacting.faults.clear()
    await failing.parking.drop(await _first(failing), because="a test", by="operator")
    await _hear(failing, lying(FACTS[1:2], first=4))
    assert FACTS[1].event_id not in await failing.heard()


async def test_a_message_of_nobody_waits_alone(hearer: Service) -> None:
    """Without a record nothing waits behind a message; it stays until it is dropped."""
    await hearer.inbox.claim([(HEARD_TOPIC, 0)])
    await _hear(hearer, [Lying(None, b"?", (("x", None),))])
    parked_id = await _first(hearer)
    assert await hearer.parking.retry(parked_id) == Retried(taken=0, still_parked=1)
    assert (await hearer.parking.show(parked_id)).retries == 1
    await hearer.parking.drop(parked_id, because="junk", by="operator")
    assert await hearer.parking.list() == []


async def test_an_unreadable_message_that_was_dropped_is_stepped_over(hearer: Service) -> None:
    """Behind a dropped version 2 that nobody could read, version 3 goes on."""
    await hearer.inbox.claim([(HEARD_TOPIC, 0)])
    messages = lying(FACTS)
    await _hear(hearer, [messages[0], _broken(messages[1]), *messages[2:]])
    await hearer.parking.drop(await _first(hearer), because="unreadable", by="operator")
    assert await hearer.heard() == _ids([FACTS[0], *FACTS[2:]])


@pytest.mark.parametrize("lost", [0, 1])
async def test_a_dropped_message_without_a_version_hides_no_fact(
    hearer: Service, lost: int
) -> None:
    """A stranger's message in between takes no version; one that was a fact leaves a known gap."""
    await hearer.inbox.claim([(HEARD_TOPIC, 0)])
    first, *rest = lying(FACTS)
    stranger = Lying(first.key, b"no fact", (), offset=1)
    behind = [replace(one, offset=one.offset + 1 - lost) for one in rest[lost:]]
    await _hear(hearer, [first, stranger, *behind])
    await hearer.parking.drop(await _first(hearer), because="no fact of ours", by="operator")
    assert await hearer.heard() == _ids([FACTS[0], *FACTS[1 + lost :]])
    assert await hearer.parking.list() == []


async def test_a_fact_after_a_dropped_stranger_is_heard(hearer: Service) -> None:
    """What comes after the drop is no repeat of what was dropped."""
    await hearer.inbox.claim([(HEARD_TOPIC, 0)])
    first, second, *_ = lying(FACTS)
    await _hear(hearer, [first, Lying(first.key, b"no fact", (), offset=1)])
    await hearer.parking.drop(await _first(hearer), because="no fact of ours", by="operator")
    await _hear(hearer, [replace(second, offset=2)])
    assert await hearer.heard() == _ids(FACTS[:2])


async def test_pages_are_oldest_first(failing: Service) -> None:
    """A list goes on after the last id of the page before."""
    first, second, third = await failing.parking.list()
    assert await failing.parking.list(after=first.parked_id, limit=1) == [second]
    assert await failing.parking.list(after=third.parked_id) == []


async def test_what_is_not_parked_is_not_found(hearer: Service) -> None:
    """Showing, retrying and dropping an unknown message say so."""
    with pytest.raises(NotFound):
        await hearer.parking.show(7)
    with pytest.raises(NotFound):
        await hearer.parking.retry(7)
    with pytest.raises(NotFound):
        await hearer.parking.drop(7, because="a test", by="operator")


async def test_a_retry_and_a_batch_take_turns(
    failing: Service, billing_database: FreshDatabase
) -> None:
    """While a batch of the partition is under way a retry waits, and misses nothing of it."""
    failing.reacting.faults.clear()
    batch = await asyncpg.connect(billing_database.url())
    transaction = batch.transaction()
    await transaction.start()
    await batch.fetch(QUERIES["lock_offsets"], [HEARD_TOPIC], [0])
    retry = asyncio.create_task(failing.parking.retry(await _first(failing)))

    async def waits() -> bool:
        return bool(await failing.value("count_waiting"))

    await until(waits)
    assert not retry.done()
    await transaction.rollback()
    await batch.close()
    assert (await retry).taken == 3


async def test_what_an_operator_sees_holds_no_content(failing: Service) -> None:
    """Lists and details show places and reasons; neither value nor headers."""
    shown = await failing.parking.show(await _first(failing))
    assert set(shown.__dataclass_fields__) == {
        *("parked_id", "topic", "partition", "offset", "record", "version", "name"),
        *("reason", "detail", "first_seen_at", "last_seen_at", "retries"),
    }
    assert "fault of ours" not in f"{shown}"
