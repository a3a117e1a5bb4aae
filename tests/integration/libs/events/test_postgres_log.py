"""The log on real Postgres: what every log promises, and what a database tempts it to break."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import msgspec
import pytest

from deploy.native.stack import OWNER
from deploy.native.testing import FreshDatabase
from libs.events import postgres_log
from libs.events.catalogue import CATALOGUE
from libs.events.errors import Conflict, Unavailable, Unreadable
from libs.events.log import EFFECTS, Append, Checkpoint, EventLog
from libs.events.postgres_log import PostgresLog
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import (
    LogConformance,
    an_answer,
    an_append,
    read_distinct,
)
from libs.events.values import Owner
from libs.events.vocabulary.quotes import ProjectStarted
from tests.contract.examples import example_event
from tests.integration.libs.events.little import SQL
from tests.integration.libs.events.pieces import Service, running_service

# Others' tests hold transactions open in the same cluster, and reading onward waits for them.
pytestmark = pytest.mark.timeout(240)


class TestPostgresLog(LogConformance):
    """What every log must do, the one in Postgres does."""

    @pytest.fixture
    def log(self, speaker: Service) -> EventLog:
        """An empty log."""
        return speaker.log


@pytest.fixture
async def other(quotes_database: FreshDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A second session of the service, whose transaction the test holds open."""
    connection = await asyncpg.connect(quotes_database.url())
    yield connection
    await connection.close()


def _records(facts: list[Recorded]) -> list[UUID]:
    return [fact.record for fact in facts]


async def test_p01_a_late_commit_is_not_skipped(
    speaker: Service, other: asyncpg.Connection
) -> None:
    """P01: a fact whose place is earlier and whose commit is later is read by who went on."""
    late, early = an_append(), an_append()
    transaction = other.transaction()
    await transaction.start()
    await speaker.log.write(other, [late])
    await speaker.log.append(early)
    before = await speaker.log.read_onward(Checkpoint())
    await transaction.commit()
    found, _ = await read_distinct(speaker.log, before.checkpoint, count=2)
    assert before.recorded == ()
    assert _records(found) == [late.record, early.record]


async def test_p02_an_early_transaction_number_inverts_no_record(
    speaker: Service, other: asyncpg.Connection
) -> None:
    """P02: who got a number early by writing elsewhere, and says version 2, is read behind 1."""
    first = an_append()
    transaction = other.transaction()
    await transaction.start()
    await other.execute(SQL["write_elsewhere"], first.record)
    await speaker.log.append(first)
    await speaker.log.write(other, [an_append(first.record, at=1)])
    await transaction.commit()
    found, _ = await read_distinct(speaker.log, Checkpoint(), count=2)
    assert [fact.version for fact in found] == [1, 2]


async def test_p02_the_first_version_is_brought_along(
    speaker: Service, quotes_database: FreshDatabase, other: asyncpg.Connection
) -> None:
    """P02: where version 2 is settled before version 1 is, version 1 is read with it."""
    holder = await asyncpg.connect(quotes_database.url())
    first = an_append()
    early, between = other.transaction(), holder.transaction()
    await early.start()
    await other.execute(SQL["write_elsewhere"], first.record)
    await between.start()
    await holder.execute(SQL["write_elsewhere"], first.record)
    await speaker.log.append(first)
    await speaker.log.write(other, [an_append(first.record, at=1)])
    await early.commit()
    while_held, checkpoint = await read_distinct(speaker.log, Checkpoint(), count=2)
    await between.commit()
    await holder.close()
    again, _ = await read_distinct(speaker.log, checkpoint, count=1)
    assert [fact.version for fact in while_held] == [1, 2]
    assert [fact.version for fact in again] == [1]


async def test_p03_an_unrelated_transaction_delays_and_skips_nothing(
    speaker: Service, other: asyncpg.Connection
) -> None:
    """P03: a long transaction on another table holds up a reader of the log, and loses nothing."""
    append = an_append()
    transaction = other.transaction()
    await transaction.start()
    await other.execute(SQL["write_elsewhere"], append.record)
    await speaker.log.append(append)
    while_held = await speaker.log.read_onward(Checkpoint())
    await transaction.rollback()
    afterwards, _ = await read_distinct(speaker.log, while_held.checkpoint, count=1)
    assert (while_held.recorded, _records(afterwards)) == ((), [append.record])


async def test_p04_a_commit_between_two_pages_is_not_skipped(
    speaker: Service, other: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P04: the horizon is fixed once for all pages; what commits between them comes later."""
    monkeypatch.setattr(postgres_log, "PAGE_EVENTS", 2)
    late = an_append()
    transaction = other.transaction()
    await transaction.start()
    await speaker.log.write(other, [late])
    appends = [an_append() for _ in range(5)]
    for append in appends:
        await speaker.log.append(append)
    await transaction.commit()
    first, checkpoint = await read_distinct(speaker.log, Checkpoint(), count=2)
    between = an_append()
    await speaker.log.append(between)
    wanted = [late, *appends, between]
    rest, _ = await read_distinct(speaker.log, checkpoint, count=len(wanted) - len(first))
    assert _records([*first, *rest]) == [one.record for one in wanted]


async def test_p04_pages_of_a_long_log_are_whole(
    speaker: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P04: read page by page while others append, every fact comes, each record in order."""
    monkeypatch.setattr(postgres_log, "PAGE_EVENTS", 7)
    seen: dict[UUID, list[int]] = {}
    appends = [an_append() for _ in range(20)]

    async def say_more() -> None:
        for at in range(3):
            for append in appends:
                await speaker.log.append(an_append(append.record, at=at))

    saying = asyncio.create_task(say_more())
    checkpoint = Checkpoint()
    while not (saying.done() and sum(map(len, seen.values())) >= 60):
        stretch = await speaker.log.read_onward(checkpoint)
        checkpoint = stretch.checkpoint
        for fact in stretch.recorded:
            versions = seen.setdefault(fact.record, [])
            if fact.version not in versions:
                versions.append(fact.version)
    assert list(seen.values()) == [[1, 2, 3]] * 20


CHANGES = ("change_event", "delete_event", "empty_event")


@pytest.mark.parametrize("change", CHANGES)
async def test_p47_the_service_may_not_unsay(speaker: Service, change: str) -> None:
    """P47: the service's role has no right to change, delete or empty what was said."""
    await speaker.log.append(an_append())
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await speaker.log.pool.execute(SQL[change])
    assert len(await speaker.rows("list_events")) == 1


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("role", [OWNER, "superuser"])
async def test_p47_nobody_unsays_by_accident(
    speaker: Service, quotes_database: FreshDatabase, change: str, role: str
) -> None:
    """P47: even the owner of the table and the superuser are stopped by the trigger."""
    await speaker.log.append(an_append())
    connection = await asyncpg.connect(quotes_database.url(role))
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await connection.execute(SQL[change])
    await connection.close()
    assert len(await speaker.rows("list_events")) == 1


async def test_facts_view_outbox_and_effects_are_kept_together(
    quotes_database: FreshDatabase,
) -> None:
    """One append leaves the fact, its row, its place in the outbox and what it owes."""
    effects: EFFECTS = {ProjectStarted: ("letter", "shelf")}
    async with running_service(quotes_database, effects=effects) as service:
        await service.log.append(an_append())
        assert await service.value("count_facts") == 1
        assert await service.value("count_outbox") == 1
        assert [row[1] for row in await service.rows("list_effects")] == ["letter", "shelf"]


async def test_what_fails_leaves_nothing_of_itself(speaker: Service) -> None:
    """A refused append leaves no fact, no row, no outbox and no answer behind."""
    first = an_append()
    await speaker.log.append(first)
    with pytest.raises(Conflict):
        await speaker.log.append(an_append(first.record, answer=an_answer()))
    await speaker.log.append(an_append(answer=an_answer()))
    assert await speaker.value("count_facts") == 2
    assert await speaker.value("count_outbox") == 2


async def test_an_append_is_given_its_place(speaker: Service) -> None:
    """What comes back from an append carries its position in the log."""
    (fact,) = await speaker.log.append(an_append())
    (loaded,) = await speaker.log.load(fact.record)
    assert fact.position == loaded.position is not None


async def test_an_absent_database_is_said_to_be_away(quotes_database: FreshDatabase) -> None:
    """P30: who cannot reach the log is told to wait, not that there is nothing."""
    async with asyncpg.create_pool(quotes_database.url(), min_size=0) as pool:
        log = PostgresLog(pool, Owner.QUOTES)
        await log.load(an_append().record)
        await pool.close()
        with pytest.raises(Unavailable):
            await log.load(an_append().record)
        with pytest.raises(Unavailable):
            await log.append(an_append())


async def test_a_fact_that_is_not_its_own_is_unreadable(speaker: Service) -> None:
    """P34: a row with another event's box is noticed when it is read."""
    event = example_event(CATALOGUE["QuoteRequested"])
    record = speaker.stamp.ids.new()
    (sealed,) = speaker.stamp.record(record, [], [event], secrets={"quote": b"k" * 32})
    moved = msgspec.structs.replace(sealed, event_id=speaker.stamp.ids.new())
    await speaker.log.append(Append(record=record, expected_version=0, recorded=(moved,)))
    with pytest.raises(Unreadable, match="sealed for another place"):
        await speaker.log.load(record)
