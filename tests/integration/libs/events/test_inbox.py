"""The inbox on real Postgres: each heard fact has its effect once, and only its record waits."""

import asyncio
import contextlib
from collections.abc import Sequence
from errno import EMFILE
from itertools import pairwise
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.native.stack import OWNER
from deploy.native.testing import FreshDatabase
from libs.events.errors import Refused, Unavailable
from libs.events.inbox import LostPartition
from libs.events.log import Append
from libs.events.recorded import Recorded
from libs.events.telemetry import DUPLICATES, REFUSED
from libs.events.values import Category
from libs.events.vocabulary.billing import InvoiceHoldReleased
from libs.events.vocabulary.quotes import ProjectStarted
from tests.integration.libs.events.little import SQL
from tests.integration.libs.events.pieces import (
    HEARD_TOPIC,
    Lying,
    Service,
    lying,
    running_service,
)
from tests.unit.libs.events.facts import facts_of

ONE, TWO = UUID(int=1), UUID(int=2)


def _started(record: UUID, facts: int) -> list[Recorded]:
    return facts_of(record, *[ProjectStarted()] * facts)


def _broken(message: Lying) -> Lying:
    return Lying(message.key, b"not JSON", message.headers, message.offset, message.partition)


def _ids(facts: Sequence[Recorded]) -> list[UUID]:
    return [fact.event_id for fact in facts]


async def _hear(hearer: Service, messages: Sequence[Lying], partition: int = 0) -> None:
    await hearer.inbox.apply(HEARD_TOPIC, partition, messages)


@pytest.fixture
async def own(hearer: Service) -> Service:
    """A hearer that owns both partitions."""
    await hearer.inbox.claim([(HEARD_TOPIC, 0), (HEARD_TOPIC, 1)])
    return hearer


async def _offset(hearer: Service, partition: int = 0) -> object:
    return await hearer.value("next_offset", HEARD_TOPIC, partition)


async def test_what_is_heard_has_its_effect_and_moves_the_offset(own: Service) -> None:
    """Own facts, view and offset are kept together (D3)."""
    facts = _started(ONE, 3)
    await _hear(own, lying(facts))
    assert await own.heard() == _ids(facts)
    assert (await own.value("count_facts"), await _offset(own)) == (3, 3)


async def test_the_same_batch_again_changes_nothing(own: Service) -> None:
    """A batch that is handed in twice is dropped by its offsets."""
    messages = lying(_started(ONE, 3))
    await _hear(own, messages)
    await _hear(own, messages)
    assert len(await own.heard()) == 3


async def test_an_old_batch_puts_nothing_back(own: Service) -> None:
    """What lies before the stored offset moves it nowhere, and parks no junk a second time."""
    messages = [Lying(None, b"junk", ()), *lying(_started(ONE, 3), first=1)]
    await _hear(own, messages)
    await _hear(own, messages[:2])
    assert await _offset(own) == 4
    assert [row.retries for row in await own.parking.list()] == [0]


async def test_p46_a_fact_sent_again_long_after_is_dropped(own: Service) -> None:
    """P46: a repeat at a new place is known by record and version, however late it comes."""
    facts = _started(ONE, 3)
    await _hear(own, lying(facts))
    await _hear(own, lying(_started(TWO, 50), first=3))
    before = DUPLICATES.labels(HEARD_TOPIC)._value.get()
    await _hear(own, lying(facts, first=53))
    assert len(await own.heard()) == 53
    assert DUPLICATES.labels(HEARD_TOPIC)._value.get() - before == 3
    assert await own.parking.list() == []


async def test_p19_the_same_offset_elsewhere_is_another_message(own: Service) -> None:
    """P19: messages are told apart by record and version, not by their offset."""
    one, two = _started(ONE, 1), _started(TWO, 1)
    await _hear(own, lying(one))
    await _hear(own, lying(two, partition=1), partition=1)
    assert await own.heard() == _ids([*one, *two])


async def test_p12_a_bad_message_is_neither_lost_nor_looped(own: Service) -> None:
    """P12: of four messages the second is bad: it is parked, the others have their effect."""
    facts = [fact for at in range(4) for fact in _started(UUID(int=at + 1), 1)]
    messages = lying(facts)
    await _hear(own, [messages[0], _broken(messages[1]), *messages[2:]])
    assert await own.heard() == _ids([facts[0], *facts[2:]])
    assert [one.offset for one in await own.parking.list()] == [1]
    assert await _offset(own) == 4


async def test_p13_offsets_move_by_partition(own: Service) -> None:
    """P13: what is heard in one partition does not move the other's offset."""
    await _hear(own, lying(_started(ONE, 3), partition=1), partition=1)
    assert (await _offset(own, 0), await _offset(own, 1)) == (0, 3)


async def test_p42_a_parked_message_holds_up_its_record_only(own: Service) -> None:
    """P42: behind a bad version 2 version 3 waits, in order; another record goes on."""
    one, two = _started(ONE, 3), _started(TWO, 2)
    messages = lying([one[0], one[1], two[0], one[2], two[1]])
    messages[1] = _broken(messages[1])
    await _hear(own, messages)
    assert await own.heard() == _ids([one[0], two[0], two[1]])
    assert [(row.version, row.record) for row in await own.parking.list()] == [(2, ONE), (3, ONE)]
    assert await own.rows("list_progress") == [(ONE, 1, True), (TWO, 2, False)]


async def test_p42_a_missing_version_holds_up_its_record(own: Service) -> None:
    """P42, P48: a hole in a record is noticed, named and waited at, never stepped over."""
    one = _started(ONE, 3)
    await _hear(own, lying([one[0], one[2]]))
    (parked,) = await own.parking.list()
    assert parked.detail == "version 3 came after 1"
    assert await own.heard() == _ids(one[:1])


@pytest.mark.parametrize(
    "message",
    [
        Lying(None, None, ()),
        Lying(b"\xff", b"\xff", ((" ", None), ("ce_type", b"\0"), ("ce_type", b"x"))),
        Lying(str(ONE).encode(), b"{}", (("ce_recordversion", b"9" * 5000),)),
        Lying(str(ONE).encode(), b"{}", (("ce_recordversion", b"0"), ("n\0ul", b"\0"))),
        Lying(b"noor@voorbeeld.example", b"{}", ()),
    ],
    ids=["nothing", "junk", "a version too long", "version zero", "an address as key"],
)
async def test_p48_any_bad_message_is_parked_loudly(own: Service, message: Lying) -> None:
    """P20, P48: whatever lies on a topic, it is parked and counted, and the next one goes on."""
    (next_fact,) = _started(TWO, 1)
    await _hear(own, [message, *lying([next_fact], first=1)])
    (parked,) = await own.parking.list()
    assert parked.reason == "unreadable"
    assert await own.heard() == [next_fact.event_id]


async def test_a_repeat_that_cannot_be_read_is_a_repeat(own: Service) -> None:
    """A damaged copy of what was taken long ago parks nothing."""
    messages = lying(_started(ONE, 2))
    await _hear(own, messages)
    again = lying(_started(ONE, 1), first=2)
    await _hear(own, [_broken(again[0])])
    assert await own.parking.list() == []


async def test_a_reaction_that_fails_holds_up_its_record_only(own: Service) -> None:
    """A fault of ours parks the message; what it decided half way is not kept."""
    one, two = _started(ONE, 2), _started(TWO, 1)
    own.reacting.faults[ONE] = ValueError("noor@voorbeeld.example is not a number")
    await _hear(own, lying([*one, *two]))
    assert await own.heard() == _ids(two)
    assert [(row.reason, row.detail) for row in await own.parking.list()] == [
        ("the reaction failed", "ValueError in the reaction to ProjectStarted"),
        ("held back behind an earlier message of its record", ""),
    ]


async def test_a_refused_reaction_is_no_fault(own: Service) -> None:
    """What a rule refuses is counted and over; the record goes on."""
    own.reacting.faults[ONE] = Refused()
    before = REFUSED.labels("ProjectStarted")._value.get()
    await _hear(own, lying(_started(ONE, 2)))
    assert (await own.heard(), await own.parking.list()) == ([], [])
    assert REFUSED.labels("ProjectStarted")._value.get() - before == 2


@pytest.mark.parametrize(
    "outage",
    [Unavailable("the keyring is away"), OSError(EMFILE, "Too many open files"), TimeoutError()],
    ids=["a part is away", "no descriptor is left", "nobody answers"],
)
async def test_p30_an_outage_keeps_nothing_and_is_tried_again(
    own: Service, outage: Exception
) -> None:
    """P30: while something a reaction needs is away, nothing is kept, parked or blanked."""
    facts = _started(ONE, 2)
    own.reacting.faults[ONE] = outage
    with pytest.raises(Unavailable):
        await _hear(own, lying(facts))
    assert (await own.heard(), await own.parking.list(), await _offset(own)) == ([], [], 0)
    own.reacting.faults.clear()
    await _hear(own, lying(facts))
    assert await own.heard() == _ids(facts)


async def test_what_cannot_be_kept_is_parked_alone(
    own: Service, billing_database: FreshDatabase
) -> None:
    """A message whose effect the database refuses does not take its batch down with it."""
    owner = await asyncpg.connect(billing_database.url(OWNER))
    await owner.execute(SQL["refuse_one"])
    await owner.close()
    one, two = _started(ONE, 2), _started(TWO, 2)
    await _hear(own, lying([one[0], two[0], two[1], one[1]]))
    assert await own.heard() == _ids(two)
    assert [(row.record, row.version) for row in await own.parking.list()] == [(ONE, 1), (ONE, 2)]
    assert await _offset(own) == 4


async def test_a_wrong_schema_stops_the_hearing(
    own: Service, billing_database: FreshDatabase
) -> None:
    """Where every message would fail, a table being away, none is parked: the process ends."""
    owner = await asyncpg.connect(billing_database.url(OWNER))
    await owner.execute(SQL["drop_table"])
    await owner.close()
    with pytest.raises(asyncpg.UndefinedTableError):
        await _hear(own, lying(_started(ONE, 2)))
    assert (await own.parking.list(), await _offset(own)) == ([], 0)


async def test_p15_a_slow_batch_across_a_rebalance_has_its_effect_once(
    own: Service, billing_database: FreshDatabase
) -> None:
    """P15: while a slow batch runs its partition goes to another: its effect is there once."""
    facts = _started(ONE, 1)
    async with running_service(billing_database) as twin:
        own.reacting.may_go_on.clear()
        slow = asyncio.create_task(_hear(own, lying(facts)))
        await own.reacting.began.wait()
        claimed = asyncio.create_task(twin.inbox.claim([(HEARD_TOPIC, 0)]))
        own.reacting.may_go_on.set()
        with contextlib.suppress(LostPartition):
            await slow
        start = (await claimed)[HEARD_TOPIC, 0]
        await _hear(twin, lying(facts)[start:])
        with pytest.raises(LostPartition):
            await _hear(own, lying(facts))
    assert await own.heard() == _ids(facts)


async def test_p15_an_old_owner_is_refused(own: Service, billing_database: FreshDatabase) -> None:
    """P15: once another has claimed a partition, batches of the old owner change nothing."""
    async with running_service(billing_database) as twin:
        await twin.inbox.claim([(HEARD_TOPIC, 0)])
        with pytest.raises(LostPartition):
            await _hear(own, lying(_started(ONE, 1)))
    assert (await own.heard(), await _offset(own)) == ([], 0)


async def test_p15_a_batch_of_an_earlier_turn_steps_over_nothing(own: Service) -> None:
    """P15: what was fetched before the partition was claimed again is dropped and heard again."""
    messages = lying(_started(ONE, 4))
    earlier = own.inbox.turn(HEARD_TOPIC, 0)
    await own.inbox.claim([(HEARD_TOPIC, 0)])
    with pytest.raises(LostPartition):
        await own.inbox.apply_in_turn(earlier, messages[2:])
    assert await _offset(own) == 0
    await _hear(own, messages)
    assert len(await own.heard()) == 4


async def test_p18_a_bad_record_in_one_partition_leaves_the_other_alone(own: Service) -> None:
    """P18: what is wrong in partition 0 is of no matter to partition 1."""
    await _hear(own, [_broken(lying(_started(ONE, 1))[0])])
    two = _started(TWO, 2)
    await _hear(own, lying(two, partition=1), partition=1)
    assert await own.heard() == _ids(two)


async def test_partitions_that_come_together_share_a_transaction(own: Service) -> None:
    """What came at once from several partitions is kept together, each in its own order."""
    one, two = _started(ONE, 2), _started(TWO, 3)
    batches = [
        (own.inbox.turn(HEARD_TOPIC, 0), lying(one)),
        (own.inbox.turn(HEARD_TOPIC, 1), lying(two, partition=1)),
    ]
    assert await own.inbox.apply_together(batches)
    assert await own.inbox.apply_together(batches)
    assert await own.heard() == [*_ids(one), *_ids(two)]
    assert await own.value("count_transactions") == 1
    assert (await _offset(own, 0), await _offset(own, 1)) == (2, 3)


async def test_of_partitions_that_come_together_one_lost_keeps_none(
    own: Service, billing_database: FreshDatabase
) -> None:
    """D3: all or none; what is still ours is then taken in by itself."""
    one, two = lying(_started(ONE, 1)), lying(_started(TWO, 1), partition=1)
    turns = [own.inbox.turn(HEARD_TOPIC, partition) for partition in (0, 1)]
    async with running_service(billing_database) as twin:
        await twin.inbox.claim([(HEARD_TOPIC, 1)])
        assert not await own.inbox.apply_together([(turns[0], one), (turns[1], two)])
    assert (await own.heard(), await _offset(own, 0), await _offset(own, 1)) == ([], 0, 0)
    await own.inbox.apply_in_turn(turns[0], one)
    assert (await _offset(own, 0), await _offset(own, 1)) == (1, 0)


async def test_holes_in_the_offsets_are_no_matter(own: Service) -> None:
    """Kafka's own markers take offsets too: a batch need not be gapless to be whole."""
    one = _started(ONE, 2)
    await _hear(own, [*lying(one[:1], first=5), *lying(one[1:], first=9)])
    assert (await own.heard(), await _offset(own)) == (_ids(one), 10)


async def test_someone_faster_on_the_same_record_is_met_with_another_try(own: Service) -> None:
    """A batch that meets a command on the same record decides again on what is there now."""
    own.reacting.may_go_on.clear()
    batch = asyncio.create_task(_hear(own, lying(_started(ONE, 1))))
    await own.reacting.began.wait()
    released = InvoiceHoldReleased(category=Category.BILLING, reason="by command")
    command = own.stamp.record(ONE, [], [released])
    await own.log.append(Append(record=ONE, expected_version=0, recorded=command))
    own.reacting.may_go_on.set()
    await batch
    assert [row[1] for row in await own.rows("list_events")] == [1, 2]


STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=20)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, cuts=st.lists(st.integers(0, 20), max_size=4), back=st.integers(0, 5))
async def test_any_delivery_has_each_effect_once(
    own: Service, steps: list[tuple[int, int]], cuts: list[int], back: int
) -> None:
    """Facts sent again, cut into any batches and handed in again: each effect once, in order."""
    facts = [_started(own.stamp.ids.new(), 20) for _ in range(3)]
    reached, sent = [0, 0, 0], []
    for record, steps_back in steps:
        at = max(0, reached[record] - steps_back)
        reached[record] = max(reached[record], at + 1)
        sent.append(facts[record][at])
    start = int(str(await _offset(own)))
    messages = lying(sent, first=start)
    for begin, end in pairwise([0, *sorted(cuts), len(messages)]):
        await _hear(own, messages[max(0, begin - back) : end])
    heard = await own.heard()
    for record in range(3):
        ids = _ids(facts[record])
        assert [one for one in heard if one in ids] == ids[: reached[record]]
