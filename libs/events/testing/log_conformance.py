"""What every event log must do; each implementation's tests inherit this."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from libs.events.clock import FixedClock
from libs.events.errors import Conflict
from libs.events.event import Event
from libs.events.handle import Stamp
from libs.events.ids import RealIds
from libs.events.log import AlreadyAnswered, Answer, Append, Checkpoint, EventLog
from libs.events.recorded import Recorded
from libs.events.values import Owner
from libs.events.vocabulary.quotes import ProjectStarted, QuoteDeclined

READ_SECONDS_MAX = 100.0
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STAMP = Stamp(Owner.QUOTES, FixedClock(NOW), RealIds())


def an_append(
    record: UUID | None = None,
    *,
    at: int = 0,
    events: tuple[Event, ...] = (ProjectStarted(),),
    answer: Answer | None = None,
) -> Append:
    """Facts for a record that is at version `at`."""
    record = record or STAMP.ids.new()
    facts = tuple(
        msgspec.structs.replace(fact, version=fact.version + at)
        for fact in STAMP.record(record, [], events)
    )
    return Append(record=record, expected_version=at, recorded=facts, answer=answer)


def an_answer(key: bytes = b"key") -> Answer:
    """An answer under an idempotency key."""
    return Answer(
        scope="public", key_hash=key, fingerprint=b"f", status=201, body="{}", answered_at=NOW
    )


class LogConformance:
    """Inherited with a fixture `log`."""

    async def test_what_was_appended_is_loaded_in_order(self, log: EventLog) -> None:
        """A record's facts come back in the order they were kept, to the byte."""
        append = an_append(events=(ProjectStarted(), QuoteDeclined(offer=1)))
        await log.append(append)
        loaded = await log.load(append.record)
        assert [(one.version, one.data) for one in loaded] == [
            (one.version, one.data) for one in append.recorded
        ]

    async def test_a_record_unknown_is_empty(self, log: EventLog) -> None:
        """A record without facts loads as an empty history."""
        assert await log.load(STAMP.ids.new()) == []

    async def test_records_without_a_fact_are_told(self, log: EventLog) -> None:
        """Of the records asked about, those that have no fact are named, and no others."""
        append, strangers = an_append(), {STAMP.ids.new(), STAMP.ids.new()}
        await log.append(append)
        assert await log.find_unknown({append.record, *strangers}) == strangers
        assert await log.find_unknown([]) == set()

    async def test_the_slower_of_two_is_refused(self, log: EventLog) -> None:
        """An append at a version that was taken raises Conflict and keeps nothing."""
        first = an_append()
        await log.append(first)
        with pytest.raises(Conflict):
            await log.append(an_append(first.record))
        assert len(await log.load(first.record)) == 1

    async def test_concurrent_appends_to_a_record_keep_exactly_one(self, log: EventLog) -> None:
        """Of many appends at the same version one is kept and the others raise Conflict."""
        record = STAMP.ids.new()
        results = await asyncio.gather(
            *(log.append(an_append(record)) for _ in range(20)), return_exceptions=True
        )
        assert sum(isinstance(one, Conflict) for one in results) == 19
        assert len(await log.load(record)) == 1

    async def test_a_bad_append_does_not_fail_its_neighbours(self, log: EventLog) -> None:
        """Appends that share a commit with one in conflict are all kept."""
        taken = an_append()
        await log.append(taken)
        good = [an_append() for _ in range(10)]
        results = await asyncio.gather(
            *(log.append(one) for one in [*good[:5], an_append(taken.record), *good[5:]]),
            return_exceptions=True,
        )
        assert [type(one) for one in results if isinstance(one, BaseException)] == [Conflict]
        for one in good:
            assert len(await log.load(one.record)) == 1

    async def test_each_of_many_is_kept_or_told_that_it_is_late(self, log: EventLog) -> None:
        """Appends handed in together are kept, but for the one whose record is further."""
        late = an_append()
        await log.append(late)
        one, other = an_append(), an_append()
        kept = await log.append_each([one, an_append(late.record), other])
        assert isinstance(kept[1], Conflict)
        assert [await log.load(it.record) for it in (one, other)] == [
            [*facts] for facts in (kept[0], kept[2]) if not isinstance(facts, Conflict)
        ]

    async def test_an_idempotency_key_is_answered_once(self, log: EventLog) -> None:
        """A second append with the same key raises AlreadyAnswered and keeps no fact."""
        await log.append(an_append(answer=an_answer()))
        second = an_append(answer=an_answer())
        with pytest.raises(AlreadyAnswered):
            await log.append(second)
        assert await log.load(second.record) == []

    async def test_reading_onward_gives_every_fact(self, log: EventLog) -> None:
        """A reader that goes on from its checkpoints gets every fact."""
        appends = [an_append() for _ in range(5)]
        checkpoint = Checkpoint()
        seen: list[Recorded] = []
        for append in appends:
            await log.append(append)
            stretch = await log.read_onward(checkpoint)
            seen += stretch.recorded
            checkpoint = stretch.checkpoint
        rest, _ = await read_distinct(log, checkpoint, count=5 - len(seen))
        assert {one.record for one in [*seen, *rest]} == {one.record for one in appends}


async def read_distinct(
    log: EventLog, checkpoint: Checkpoint, *, count: int
) -> tuple[list[Recorded], Checkpoint]:
    """Reads onward until that many facts came, repeats left out; gives where to go on.

    Why: a fact may be read a moment after it was kept, when anything else in the cluster was
    under way before it.
    Raises: TimeoutError, when they do not come.
    """
    found: dict[UUID, Recorded] = {}
    async with asyncio.timeout(READ_SECONDS_MAX):
        while len(found) < count:
            stretch = await log.read_onward(checkpoint)
            checkpoint = stretch.checkpoint
            found |= {one.event_id: one for one in stretch.recorded if one.event_id not in found}
            await asyncio.sleep(0.01)
    return list(found.values()), checkpoint
