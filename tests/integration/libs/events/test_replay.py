"""A view is rebuilt from Kafka beside the live one, compared, and put in its place."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest

from deploy.native.databases import login
from deploy.native.postgres_install import programs
from deploy.native.testing import FreshDatabase
from libs.events.effects import EffectsWorker
from libs.events.errors import NotFound
from libs.events.log import EFFECTS
from libs.events.recorded import Recorded
from libs.events.replay import Replay
from libs.events.replay_wanted import ReplayRefused, Wanted
from libs.events.testing.log_conformance import an_append
from libs.events.vocabulary.quotes import ProjectStarted
from tests.integration.libs.events.little import SQL
from tests.integration.libs.events.pieces import Service, Topic, running_service, until
from tests.integration.libs.events.rebuilding import rebuild
from tests.integration.libs.events.relaying import relaying

OWED: EFFECTS = {ProjectStarted: ("letter",)}


@pytest.fixture
async def speaker(quotes_database: FreshDatabase, bus: Topic) -> AsyncIterator[Service]:
    """A service whose facts owe effects, with its relay at work."""
    async with (
        running_service(quotes_database, effects=OWED) as service,
        relaying(service, bus),
    ):
        yield service


def _is_sent(service: Service) -> Callable[[], Awaitable[bool]]:
    async def is_sent() -> bool:
        return bool(await service.value("count_outbox") == 0)

    return is_sent


async def _say(service: Service, *, records: int, facts: int) -> list[UUID]:
    appends = [an_append() for _ in range(records)]
    for at in range(facts):
        for append in appends:
            await service.log.append(append if at == 0 else an_append(append.record, at=at))
    await until(_is_sent(service))
    return [append.record for append in appends]


async def test_a_rebuilt_view_equals_the_live_one(speaker: Service, bus: Topic) -> None:
    """Read from its beginning the topic gives the same rows, by the same digest (D14)."""
    await _say(speaker, records=8, facts=4)
    found = await rebuild(speaker, bus, "verify")
    assert (found.equal, found.rows_live, found.rows_rebuilt) == (True, 8, 8)
    assert found.digest_live == found.digest_rebuilt is not None


async def test_a_planted_difference_is_named(speaker: Service, bus: Topic) -> None:
    """One row that the facts do not say is named by its key, unshown, and left as it is."""
    (record, *_) = await _say(speaker, records=3, facts=2)
    await speaker.log.pool.execute(SQL["spoil_row"], record)
    found = await rebuild(speaker, bus, "verify")
    assert found.equal is False
    assert found.differing == (f'differs: {{"record": "{record}"}}',)
    assert await speaker.value("count_facts") == 106


async def test_a_switch_mends_the_view(speaker: Service, bus: Topic) -> None:
    """After a switch the view is what the facts say, and no shadow is left."""
    (record, *_) = await _say(speaker, records=3, facts=2)
    await speaker.log.pool.execute(SQL["spoil_row"], record)
    assert (await rebuild(speaker, bus, "switch")).switched
    assert await speaker.value("count_facts") == 6
    assert await speaker.rows("list_views") == [("public.little",)]


async def test_a_verify_leaves_nothing_behind(speaker: Service, bus: Topic) -> None:
    """A comparison drops its shadow and switches nothing."""
    await _say(speaker, records=2, facts=1)
    assert not (await rebuild(speaker, bus, "verify")).switched
    assert await speaker.rows("list_views") == [("public.little",)]


async def test_a_switched_view_is_the_same_table(
    speaker: Service, bus: Topic, quotes_database: FreshDatabase
) -> None:
    """Columns, defaults, keys, checks, indexes, names, owner and rights are as before a switch."""
    await _say(speaker, records=2, facts=2)
    before = _dump(quotes_database)
    assert (await rebuild(speaker, bus, "switch")).switched
    assert (await rebuild(speaker, bus, "switch")).switched
    assert _dump(quotes_database) == before
    assert "little_by_time" in before
    assert "GRANT" in before


def _dump(database: FreshDatabase) -> str:
    options = ["--schema-only", "--table=little", "--restrict-key=flux3d"]
    done = subprocess.run(
        [programs() / "pg_dump", *options],
        env=login(database.stack, "superuser", database.name),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


async def test_a_switched_view_goes_on(speaker: Service, bus: Topic) -> None:
    """After a switch the service folds new facts into the new table, by its own rights."""
    (record, *_) = await _say(speaker, records=2, facts=2)
    await rebuild(speaker, bus, "switch")
    await speaker.log.append(an_append(record, at=2))
    assert await speaker.value("count_facts") == 5
    await until(_is_sent(speaker))
    assert (await rebuild(speaker, bus, "verify")).equal


async def test_what_was_sent_twice_counts_once(speaker: Service, bus: Topic) -> None:
    """Repeats on the topic, as a crashed relay leaves them, change nothing in a rebuilt view."""
    records = await _say(speaker, records=3, facts=3)
    for record in records:
        await bus.send_facts(await speaker.log.load(record))
    found = await rebuild(speaker, bus, "verify")
    assert (found.equal, found.rows_rebuilt) == (True, 3)


async def test_traffic_goes_on_while_a_view_is_switched(speaker: Service, bus: Topic) -> None:
    """Facts said before, during and after a switch are all in the view, each once."""
    said = 0
    stop = asyncio.Event()

    async def keep_saying() -> None:
        nonlocal said
        while not stop.is_set():
            await speaker.log.append(an_append())
            said += 1

    saying = asyncio.create_task(keep_saying())
    assert (await rebuild(speaker, bus, "switch")).switched
    assert (await rebuild(speaker, bus, "switch")).switched
    stop.set()
    await saying
    assert await speaker.value("count_facts") == said > 0
    await until(_is_sent(speaker))
    assert (await rebuild(speaker, bus, "verify")).equal


async def test_p38_a_rebuild_carries_nothing_out(speaker: Service, bus: Topic) -> None:
    """P38: a rebuild says no fact, owes no effect and sends nothing, however often it is done."""
    await _say(speaker, records=4, facts=3)
    letters: list[Recorded] = []

    async def send_letter(fact: Recorded) -> None:
        letters.append(fact)

    worker = EffectsWorker(speaker.log, {"letter": send_letter})
    while await worker.work_once():
        pass
    events, sent = await speaker.rows("list_events"), len(await bus.read())
    await rebuild(speaker, bus, "verify")
    await rebuild(speaker, bus, "switch")
    assert await worker.work_once() == 0
    assert len(letters) == 12
    assert await speaker.rows("list_effects") == []
    assert (await speaker.rows("list_events"), len(await bus.read())) == (events, sent)


async def test_a_hole_in_the_topic_stops_a_rebuild(speaker: Service, bus: Topic) -> None:
    """P48: where a fact is missing no view is built around it, and the live one stays."""
    (record, *_) = await _say(speaker, records=1, facts=1)
    facts = [an_append(record, at=at).recorded[0] for at in (1, 2)]
    await bus.send_facts(facts[1:])
    with pytest.raises(ReplayRefused, match="jumps from version 1 to 3"):
        await rebuild(speaker, bus, "switch")
    assert await speaker.value("count_facts") == 1
    assert await speaker.rows("list_views") == [("public.little",)]


async def test_a_message_that_is_no_fact_is_left_out(speaker: Service, bus: Topic) -> None:
    """Junk on the topic, null headers and all, does not keep a view from being rebuilt (P20)."""
    await _say(speaker, records=2, facts=2)
    await bus.send([(b"\xff", b"junk", [("a", None), ("a", b"1")]), (None, b"", [])])
    assert (await rebuild(speaker, bus, "verify")).equal


async def test_a_dry_run_touches_nothing(speaker: Service, bus: Topic) -> None:
    """A dry run counts what the view would hear, and makes no shadow."""
    await _say(speaker, records=2, facts=3)
    found = await rebuild(speaker, bus, "dry-run")
    assert (found.read, found.total, found.equal) == (6, 6, None)


async def test_an_unknown_view_is_named(speaker: Service, bus: Topic) -> None:
    """Who asks for a view that is not there is told which there are."""
    replay = Replay(speaker.log, bus.servers, topic=bus.name)
    with pytest.raises(NotFound, match="there are little"):
        await anext(replay.run(Wanted(view="large")))


async def test_an_empty_topic_rebuilds_an_empty_view(speaker: Service, bus: Topic) -> None:
    """Before anything was said the rebuilt view is as empty as the live one."""
    found = await rebuild(speaker, bus, "switch")
    assert (found.equal, found.rows_rebuilt, found.switched) == (True, 0, True)
