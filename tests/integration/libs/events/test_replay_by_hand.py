"""An operator narrows a rebuild, slows it, holds it, lets it go on, or ends it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from libs.events.errors import NotFound
from libs.events.replay import Replay
from libs.events.replay_wanted import (
    Mode,
    Phase,
    ReplayCancelled,
    ReplayProgress,
    ReplayRefused,
    Scope,
    Wanted,
)
from libs.events.testing.log_conformance import NOW, an_append
from libs.events.vocabulary.quotes import ProjectStarted
from tests.integration.libs.events.little import SQL
from tests.integration.libs.events.pieces import Service, Topic, until
from tests.integration.libs.events.relaying import relaying
from tests.unit.libs.events.facts import facts_of

ONE, TWO = UUID(int=1), UUID(int=2)
SLOW = 20.0
"""Messages per second: slow enough to touch a rebuild on its way."""


@pytest.fixture
async def said(speaker: Service, bus: Topic) -> AsyncIterator[Service]:
    """A speaker of two records with ten facts each, all on the topic, its relay at work."""
    async with relaying(speaker, bus):
        for record in (ONE, TWO):
            for at in range(10):
                await speaker.log.append(an_append(record, at=at))
        await until(lambda: _is_sent(speaker))
        yield speaker


async def _is_sent(service: Service) -> bool:
    return bool(await service.value("count_outbox") == 0)


@pytest.fixture
def replay(said: Service, bus: Topic) -> Replay:
    """Rebuilds of the speaker's view."""
    return Replay(said.log, bus.servers, topic=bus.name)


async def _count(replay: Replay, scope: Scope) -> ReplayProgress:
    wanted = Wanted(view="little", mode="dry-run", scope=scope)
    return [step async for step in replay.run(wanted)][-1]


async def _until_phase(replay: Replay, phase: Phase) -> ReplayProgress:
    seen: list[ReplayProgress] = []

    async def is_there() -> bool:
        now = replay.now()
        seen.extend([now] if now else [])
        return now is not None and now.phase == phase and now.read > 0

    await until(is_there)
    return seen[-1]


def _slow(mode: Mode = "verify") -> Wanted:
    return Wanted(view="little", mode=mode, messages_per_second=SLOW)


async def _end_of(replay: Replay, wanted: Wanted) -> list[ReplayProgress]:
    return [step async for step in replay.run(wanted)]


async def test_a_dry_run_counts_by_type_and_by_reason(
    said: Service, replay: Replay, bus: Topic
) -> None:
    """What the view hears, what it does not, and why the rest is left out."""
    await bus.send_facts(await said.log.load(ONE))
    await bus.send([(b"\xff", b"junk", []), (None, b"", [])])
    await bus.send_facts(facts_of(UUID(int=3), *[ProjectStarted()] * 3)[2:])
    found = await _count(replay, Scope())
    assert sum(found.heard.values()) + sum(found.not_heard.values()) == 21
    assert found.left_out == {
        "repeat": 10,
        "unreadable": 2,
        "an earlier message of its record is missing": 1,
    }
    assert (found.read, found.total) == (33, 33)


async def test_a_dry_run_of_one_record_counts_its_facts_only(replay: Replay) -> None:
    """The whole topic is read, and one record of it counted."""
    found = await _count(replay, Scope(record=ONE))
    assert (sum(found.heard.values()) + sum(found.not_heard.values()), found.read) == (10, 20)


@pytest.mark.parametrize(
    ("since_hours", "until_hours", "facts"), [(None, None, 20), (0, 1, 20), (None, 0, 0)]
)
async def test_a_dry_run_of_a_span_counts_what_was_said_in_it(
    replay: Replay, since_hours: int | None, until_hours: int | None, facts: int
) -> None:
    """The beginning of a span is in, its end is out."""
    since, before = (
        None if hours is None else NOW + timedelta(hours=hours)
        for hours in (since_hours, until_hours)
    )
    found = await _count(replay, Scope(since=since, until=before))
    assert sum(found.heard.values()) + sum(found.not_heard.values()) == facts


async def test_a_dry_run_of_a_stretch_begins_in_the_middle(replay: Replay, bus: Topic) -> None:
    """Offsets choose a part of one partition, and its first fact is no gap."""
    partition = next(one.partition for one in await bus.read())
    scope = Scope(partition=partition, from_offset=3, to_offset=7)
    found = await _count(replay, scope)
    assert (found.read, found.total, found.left_out) == (4, 4, {})


@pytest.mark.parametrize(
    ("mode", "scope", "why"),
    [
        ("verify", Scope(record=ONE), "only a dry run"),
        ("switch", Scope(until=NOW), "only a dry run"),
        ("dry-run", Scope(record=UUID(int=9)), "never said anything"),
        ("dry-run", Scope(since=NOW, until=NOW), "ends before it begins"),
        ("dry-run", Scope(since=NOW + timedelta(days=400)), "after the last fact"),
        ("dry-run", Scope(from_offset=1), "say which"),
        ("dry-run", Scope(partition=0, from_offset=5, to_offset=5), "ends before it begins"),
        ("dry-run", Scope(partition=0, from_offset=999), "holds the offsets"),
        ("dry-run", Scope(partition=0, to_offset=999), "holds the offsets"),
        ("dry-run", Scope(partition=2), "has the partitions 0 to 1"),
    ],
)
async def test_a_wrong_scope_is_refused_before_it_starts(
    said: Service, replay: Replay, mode: Mode, scope: Scope, why: str
) -> None:
    """Nothing is read or built for a scope that makes no sense, and the next may begin (F69)."""
    steps = replay.run(Wanted(view="little", mode=mode, scope=scope))
    with pytest.raises(ReplayRefused, match=why):
        await anext(steps)
    assert replay.now() is None
    assert await said.rows("list_views") == [("public.little",)]


async def test_a_rate_bounds_what_is_read_and_tells_what_is_left(replay: Replay) -> None:
    """Twenty messages at twenty a second take most of a second, and the rest is told."""
    steps = await _end_of(replay, _slow())
    assert steps[-1].equal
    assert steps[-1].seconds >= 0.7
    left = [step.seconds_left for step in steps if step.seconds_left]
    assert left
    assert max(left) < 2


async def test_a_paused_rebuild_reads_nothing_until_it_is_resumed(
    said: Service, replay: Replay
) -> None:
    """While a rebuild is paused facts are taken in as ever; resumed, it takes them in too."""
    rebuilding = asyncio.create_task(_end_of(replay, _slow("switch")))
    under_way = await _until_phase(replay, "reading")
    replay.pause(under_way.id)
    paused = await _until_phase(replay, "paused")
    for at in range(10, 15):
        await said.log.append(an_append(ONE, at=at))
    assert await said.value("count_facts") == 25
    still = await _until_phase(replay, "paused")
    assert still.read <= paused.read + SLOW / 4
    assert still.seconds_left is None
    replay.resume(under_way.id)
    found = (await rebuilding)[-1]
    assert (found.equal, found.switched) == (True, True)
    assert await said.value("count_facts") == 25


@pytest.mark.parametrize("is_paused", [False, True])
async def test_a_cancelled_rebuild_leaves_the_live_view(
    said: Service, replay: Replay, *, is_paused: bool
) -> None:
    """Cancelled on its way or in a pause, nothing is switched and no shadow is left."""
    await said.log.pool.execute(SQL["spoil_row"], ONE)
    rebuilding = asyncio.create_task(_end_of(replay, _slow("switch")))
    under_way = await _until_phase(replay, "reading")
    if is_paused:
        replay.pause(under_way.id)
    replay.cancel(under_way.id)
    with pytest.raises(ReplayCancelled):
        await rebuilding
    assert await said.value("count_facts") == 120
    assert await said.rows("list_views") == [("public.little",)]
    assert replay.now() is None


async def test_a_rebuild_that_nobody_follows_ends(said: Service, replay: Replay) -> None:
    """When the operator's line breaks, the rebuild ends before it could switch unseen."""
    steps = replay.run(_slow("switch"))
    await anext(steps)
    await _until_phase(replay, "reading")
    await steps.aclose()

    async def is_over() -> bool:
        return replay.now() is None

    await until(is_over)
    assert await said.rows("list_views") == [("public.little",)]


async def test_one_rebuild_at_a_time(replay: Replay) -> None:
    """A second rebuild is refused and names the first; a wrong name touches nothing."""
    rebuilding = asyncio.create_task(_end_of(replay, _slow()))
    under_way = await _until_phase(replay, "reading")
    with pytest.raises(ReplayRefused, match=under_way.id):
        await anext(replay.run(_slow()))
    with pytest.raises(NotFound):
        replay.cancel("little-99")
    assert (await rebuilding)[-1].equal
