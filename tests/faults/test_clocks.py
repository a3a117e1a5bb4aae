"""Clocks that are wrong: apart from each other, a year ahead, an hour back; a sweep that slept."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import asyncpg
import pytest

from deploy.native.stack import CHECKOUT, SERVICES, Stack
from deploy.native.testing import running_stack
from libs.events.clock import read_offset, write_offset
from libs.policy.calendar import local_date
from ops.outcome import SaidNo
from ops.service_doors import ServiceDoors
from ops.tour.operator_hand import OperatorHand
from tests.faults.appending import QUERIES
from tests.faults.changed_parts import Change, changed, is_ready
from tests.faults.extent import Extent
from tests.faults.load import Load, loaded
from tests.integration.libs.events.pieces import until
from tests.journeys.runbook import follow
from tests.storm.callers import Ask
from tests.storm.processes import Processes
from tests.storm.traffic import CREATED, _request

CLOCK = "clock.json"
LATER_SECONDS = 120.0
BY_THE_CLOCK = frozenset({"I8"})
"""The check that compares the clocks of two services to tell which of two facts was first.

Why: the keyring's fence decides that, and no clock; I7 checks that nothing opens afterwards.
"""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SKEWS = (
    {"quotes": timedelta(minutes=5), "consent": -DAY, "billing": DAY},
    {"retention": timedelta(minutes=5), "consent": DAY, "billing": -DAY},
)
"""How far whose clock is ahead; where staff are let in by a token it may not be far.

Why: a token is good for minutes, so a service whose clock is far off lets nobody in.
"""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A whole stack for all tests of the file, because its clock does not go back."""
    with running_stack(CHECKOUT / f".local-clocks-{os.getpid()}", parts="everything") as running:
        yield running


@asynccontextmanager
async def skewed(stack: Stack, service: str, by: timedelta) -> AsyncIterator[None]:
    """A service at work whose clock is so far ahead of everybody else's.

    Shape: it has a home of its own that is the stack's in everything but the clock.
    """
    home = await asyncio.to_thread(_own_home, stack, service)
    write_offset(home / CLOCK, read_offset(stack.home / CLOCK) + by)
    try:
        async with changed(stack, service, Change({"FLUX3D_HOME": str(home)})):
            await is_ready(stack, service)
            yield
    finally:
        await asyncio.to_thread(shutil.rmtree, home)


def _own_home(stack: Stack, service: str) -> Path:
    home = Path(f"{stack.home}-{service}")
    home.mkdir()
    for one in stack.home.iterdir():
        if one.name != CLOCK:
            (home / one.name).symlink_to(one)
    return home


async def move(stack: Stack, by: timedelta) -> None:
    """Move the clock of the whole stack, back too, and wait until every service has read it."""
    offset = read_offset(stack.home / CLOCK) + by
    write_offset(stack.home / CLOCK, offset)

    async def is_read() -> bool:
        try:
            shown = [await now_at(stack, service) for service in SERVICES]
        except SaidNo:  # a token of the new time, at a service that has the old one
            return False
        wanted = datetime.now(UTC) + offset
        return all(abs(one - wanted) < HOUR / 2 for one in shown)

    await until(is_read, seconds=LATER_SECONDS)


async def now_at(stack: Stack, service: str) -> datetime:
    """What time it is for a service."""
    doors = ServiceDoors(stack, service)
    shown = await asyncio.to_thread(doors.get, "/ops/status")
    return datetime.fromisoformat(shown["now"])


async def sweep_state(stack: Stack) -> str:
    """Whether retention's sweep runs."""
    doors = ServiceDoors(stack, "retention")
    return str((await asyncio.to_thread(doors.get, "/api/sweep"))["state"])


async def confirm(stack: Stack) -> None:
    """An operator looked at the clock, and trusts it."""
    hand = OperatorHand(stack)
    await asyncio.to_thread(hand.run, "sweep", "--confirm-jump", "--yes")


async def quotes_asked(load: Load, count: int) -> list[str]:
    """The records of new requests for prices."""
    draw, records = Random(f"{load.caller.clock.now()}"), []
    for _ in range(count):
        asked = Ask(kind="quote", path="/api/quotes", body=_request(draw))
        said = await load.caller.act(asked, draw)
        assert said.status == CREATED
        records.append(str(said.body["id"]))
    return records


async def erased_among(stack: Stack, records: list[str]) -> int:
    """How many of these records retention has called erased."""
    connection = await asyncpg.connect(stack.database_url("retention", "retention"))
    try:
        return len(await connection.fetch(QUERIES["list_erased"], records))
    finally:
        await connection.close()


async def are_erased(stack: Stack, records: list[str]) -> None:
    """Wait until all of them are."""

    async def all_erased() -> bool:
        return await erased_among(stack, records) == len(records)

    await until(all_erased, seconds=LATER_SECONDS)


async def test_f41_clocks_apart_change_no_order_and_no_outcome(
    extent: Extent, stack: Stack
) -> None:
    """Minutes and a day apart: what counts is the version, so all is as with one clock."""
    for number, skews in enumerate(SKEWS[: extent.of(1, len(SKEWS))]):
        async with loaded(stack, seed=f"f41-{number}") as load:
            async with _all_skewed(stack, skews):
                await load.goes_on(extent.of(40, 2000))
            await load.goes_on(10)
        figure = await load.settled(in_haste=not extent.whole, without=BY_THE_CLOCK)
        apart = ", ".join(f"{service} {by}" for service, by in skews.items())
        extent.saw(f"{apart}: {figure}")


@asynccontextmanager
async def _all_skewed(stack: Stack, skews: dict[str, timedelta]) -> AsyncIterator[None]:
    async with AsyncExitStack() as opened:
        for service, by in skews.items():
            await opened.enter_async_context(skewed(stack, service, by))
        yield


async def test_f42_clock_goes_back_an_hour(extent: Extent, stack: Stack) -> None:
    """What is said later is later, whatever the clock says; nothing waits for an hour."""
    async with loaded(stack, seed="f42-before") as load:
        await load.goes_on(10)
    await move(stack, -HOUR)
    async with loaded(stack, seed="f42-back") as load:
        await load.goes_on(extent.of(30, 1000))
    figure = await load.settled(in_haste=not extent.whole, without=BY_THE_CLOCK)
    extent.saw(f"an hour back: {figure}")


async def test_f42_clock_jumps_ahead_and_nothing_goes_before_somebody_looked(
    extent: Extent, stack: Stack, tmp_path: Path
) -> None:
    """Thirteen months in a moment erase nobody and end no backup, until an operator agrees.

    Shape: the operator does what the runbook clock-jump.md says.
    """
    await asyncio.to_thread(OperatorHand(stack).run, "backup")
    async with loaded(stack, seed="f42-ahead") as load:
        records = await quotes_asked(load, extent.of(5, 200))
        await load.goes_on(10)
    await load.settled(in_haste=True, without=BY_THE_CLOCK)
    await move(stack, timedelta(days=400))
    # Begun anew, it takes all its timers up at once.
    await asyncio.to_thread(Processes(stack).kill, "retention")
    await is_ready(stack, "retention")
    async with loaded(stack, seed="f42-jumped") as load:
        await load.goes_on(extent.of(20, 500))
    assert await sweep_state(stack) == "stopped"
    assert await erased_among(stack, records) == 0
    assert await backups_kept(stack) == 1
    today = {"TODAY": f"{local_date(load.caller.clock.now())}"}
    await asyncio.to_thread(follow, "clock-jump", stack, tmp_path, today)
    await are_erased(stack, records)
    await until(lambda: no_backup_is_kept(stack), seconds=LATER_SECONDS)
    figure = await load.settled(in_haste=not extent.whole, without=BY_THE_CLOCK)
    extent.saw(f"400 days ahead, 0 of {len(records)} gone before the word, all after: {figure}")


async def backups_kept(stack: Stack) -> int:
    """How many backups there are."""
    shown = await asyncio.to_thread(OperatorHand(stack).run, "backup", "--list")
    return len(shown["items"])


async def no_backup_is_kept(stack: Stack) -> bool:
    """Whether the last backup ended."""
    return await backups_kept(stack) == 0


async def test_f44_sweep_that_slept_a_week_is_seen_and_catches_up(
    extent: Extent, stack: Stack
) -> None:
    """While nobody sweeps, the evidence says broken; when somebody does, all that is due goes."""
    async with loaded(stack, seed="f44") as load:
        records = await quotes_asked(load, extent.of(5, 500))
    await load.settled(in_haste=True, without=BY_THE_CLOCK)
    await move(stack, timedelta(days=363))
    await confirm(stack)
    asleep = {"FLUX3D_RETENTION_SWEEP_EVERY_SECONDS": "1000000"}
    async with changed(stack, "retention", Change(asleep)):
        await is_ready(stack, "retention")
        await move(stack, timedelta(days=10))
        assert await verdict_on_quotes(stack) == "broken"
        assert await erased_among(stack, records) == 0
    await are_erased(stack, records)
    await load.settled(in_haste=not extent.whole, without=BY_THE_CLOCK)
    await until(lambda: quotes_are_kept_to(stack), seconds=LATER_SECONDS)
    extent.saw(f"a week without a sweep was seen, then {len(records)} of {len(records)} went")


async def verdict_on_quotes(stack: Stack) -> str:
    """What the evidence says of the term of quotes, as it is kept."""
    doors = ServiceDoors(stack, "retention")
    shown = await asyncio.to_thread(doors.get, "/api/evidence/retention")
    found = [one for one in shown["clauses"] if one["clause"] == "5.1.quote"]
    return str(found[0]["chosen_verdict"])


async def quotes_are_kept_to(stack: Stack) -> bool:
    """Whether the evidence says so."""
    return await verdict_on_quotes(stack) == "kept"
