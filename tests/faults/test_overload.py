"""F79, overload: what can be borne is done, the rest is told when to come again."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from functools import partial
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.native.stack import CHECKOUT, Stack
from deploy.native.supervision import Supervisor
from deploy.native.testing import running_stack
from libs.doors.admission import Bounds
from tests.faults.extent import Extent
from tests.faults.flood import Flood
from tests.faults.watching import watching
from tests.journeys.calling import CANARY, CHOICE, QUOTE, Anybody

HOME = CHECKOUT / ".local-overload"
OUTBOX_ROWS_MAX = 1000
INTAKE_SHARE = 0.9
LOOK_SECONDS = 2.0
MEMORY_MEGABYTES_MAX = 768.0
RECOVERED_SECONDS_MAX = 30.0
TIMES = 10
QUOTES = "select count(*) from event where name = 'QuoteRequested'"
OUTBOX = "select count(*) from outbox"
# The first test of the file waits for the whole stack.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Everything, with a small bound of facts that may wait for Kafka."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("FLUX3D_OUTBOX_ROWS_MAX", str(OUTBOX_ROWS_MAX))
        with running_stack(HOME, parts="everything") as running:
            yield running


@pytest.fixture(scope="module")
def anybody(stack: Stack) -> Iterator[Anybody]:
    """Calls the gateway."""
    with closing(Anybody(stack)) as caller:
        yield caller


async def test_f79_ten_times_what_can_be_borne(
    stack: Stack, anybody: Anybody, extent: Extent
) -> None:
    """Goodput stays, the rest gets 503 with Retry-After, nothing grows, and it ends by itself."""
    seconds = extent.of(5.0, 60.0)
    before = await _capacity(stack, extent)
    kept = await _value(stack, QUOTES)
    flood = Flood(
        path="/api/quotes", body=QUOTE, connections=extent.of(600, 1500), per_second=TIMES * before
    )
    async with watching(stack, "quotes", partial(_use_a_right, anybody)) as seen:
        flooded = await flood.run(stack, seconds)
    recovered_seconds = await _until_served(anybody)
    grown = await _value(stack, QUOTES) - kept
    after = await _capacity(stack, extent)
    bearable = min(before, after)
    goodput, offered = flooded.taken_per_second / bearable, flooded.asked_per_second / bearable
    extent.saw(
        f"{offered:.1f} times {bearable:.0f}/s for {seconds:.0f} s: goodput {goodput:.0%}, "
        f"{flooded.turned_away} turned away, at most {seen.most['waiting']:.0f} waiting and "
        f"{seen.memory['quotes']:.0f} MB, rights requests {len(seen.answers)} of "
        f"{len(seen.answers)} taken, recovered in {recovered_seconds:.1f} s"
    )
    assert flooded.turned_away > 0
    assert (flooded.untold, flooded.other) == (0, 0)
    assert goodput >= extent.of(0.4, 0.9)
    assert seen.most["under_way"] <= Bounds().under_way_max
    assert seen.most["waiting"] <= Bounds().waiting_max
    assert max(seen.memory.values()) <= MEMORY_MEGABYTES_MAX
    assert seen.statuses == {202}
    assert recovered_seconds <= RECOVERED_SECONDS_MAX
    # What was under way when the flood ended was kept, too, and nobody heard it.
    assert flooded.taken <= grown <= flooded.taken + flood.connections + 1


async def test_f79_rights_go_through_a_flood_of_choices(
    stack: Stack, anybody: Anybody, extent: Extent
) -> None:
    """The service that is flooded itself keeps places for those who use a right."""
    flood = Flood(path="/api/choices", body={**CHOICE, "visitor": "{id}"}, connections=400)
    async with watching(stack, "consent", partial(_use_a_right, anybody)) as seen:
        flooded = await flood.run(stack, extent.of(5.0, 30.0))
    taken = sum(status == 202 for status, _ in seen.answers)
    extent.saw(
        f"{taken} of {len(seen.answers)} rights requests taken beside {flooded.taken} choices "
        f"and {flooded.turned_away} turned away, the slowest in {seen.slowest_seconds:.1f} s"
    )
    assert flooded.turned_away > 0
    assert len(seen.answers) > 0
    assert seen.statuses == {202}


async def test_f79_kafka_away_until_the_outbox_is_full(
    stack: Stack, anybody: Anybody, extent: Extent
) -> None:
    """Intake goes on up to the stated number of facts, then 503, and goes on when they are sent."""
    supervisor = Supervisor(stack)
    await _until_sent(stack)
    supervisor.stop_one("kafka")
    kept = await _value(stack, QUOTES)
    flood = Flood(path="/api/quotes", body=QUOTE, connections=16)
    taken = 0
    try:
        deadline = time.monotonic() + 120
        while (
            flooded := await flood.run(stack, LOOK_SECONDS)
        ).taken and time.monotonic() < deadline:
            taken += flooded.taken
        waiting = await _value(stack, OUTBOX)
        refused = anybody.post("/api/quotes", QUOTE)
        looked = anybody.get("/api/quotes?limit=1", role="staff")
    finally:
        supervisor.start_stopped(("kafka",))
    assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
    assert refused.json()["type"] == "/problems/too-busy"
    assert looked.status_code == 200
    assert waiting >= OUTBOX_ROWS_MAX * INTAKE_SHARE
    recovered_seconds = await _until_served(anybody, seconds=240)
    await _until_sent(stack)
    grown = await _value(stack, QUOTES) - kept
    extent.saw(
        f"{taken} taken without Kafka, {waiting} facts waited where {OUTBOX_ROWS_MAX} may, "
        f"taken again {recovered_seconds:.1f} s after Kafka was started, all sent"
    )
    assert grown >= taken


def _use_a_right(anybody: Anybody) -> httpx.Response:
    """A rights request from an address that asked nothing before."""
    email = f"{uuid4().hex}@{CANARY}.example"
    return anybody.post("/api/rights-requests", {"right": "erasure", "email": email})


async def _capacity(stack: Stack, extent: Extent) -> float:
    """What the stack takes in a second when nobody presses."""
    flood = Flood(path="/api/quotes", body=QUOTE, connections=32)
    flooded = await flood.run(stack, extent.of(3.0, 15.0))
    assert flooded.taken > 0
    return flooded.taken_per_second


async def _until_served(anybody: Anybody, *, seconds: float = 60) -> float:
    """How long it takes until a quote is taken at the first try."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if (await asyncio.to_thread(anybody.post, "/api/quotes", QUOTE)).status_code == 201:
            return time.monotonic() - began
        await asyncio.sleep(0.2)
    pytest.fail("no quote was taken again")


async def _until_sent(stack: Stack) -> None:
    for _ in range(1200):
        if not await _value(stack, OUTBOX):
            return
        await asyncio.sleep(0.2)
    pytest.fail("the outbox was not emptied")


async def _value(stack: Stack, question: str) -> int:
    async with _connected(stack) as connection:
        return int(await connection.fetchval(question))


@asynccontextmanager
async def _connected(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stack.database_url("operator", "quotes"))
    try:
        yield connection
    finally:
        await connection.close()
