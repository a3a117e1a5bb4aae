"""F79, overload, and I20: the doors under pressure, and what they tell to who measures them."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from functools import partial
from random import Random
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.native.stack import CHECKOUT, Stack
from deploy.native.supervision import Supervisor
from deploy.native.testing import running_stack
from libs.doors.admission import Bounds
from services.consent.app.handlers import REQUESTS_A_DAY_MAX
from tests.faults.extent import Extent
from tests.faults.flood import Flood
from tests.faults.slow_clients import (
    ENDLESS,
    IDLE,
    SLOW_BODY,
    SLOW_HEADERS,
    close_all,
    drip_until_closed,
    is_closed,
    open_many,
    said,
)
from tests.faults.telling_apart import chance_of_telling
from tests.faults.watching import watching
from tests.journeys.calling import CANARY, CHOICE, QUOTE, Anybody, outside

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
        path="/api/quotes", body=QUOTE, connections=extent.of(260, 1000), per_second=TIMES * before
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
    assert goodput >= extent.of(0.1, 0.9)
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
    body = {"right": "erasure", "email": _fresh_address()}
    return anybody.post("/api/rights-requests", body)


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


async def test_f79_slow_headers(stack: Stack, anybody: Anybody, extent: Extent) -> None:
    """Who does not come to the end of the headers in five seconds is hung up on."""
    times = extent.of(100, 1000)
    async with watching(stack, "quotes", partial(anybody.post, "/api/quotes", QUOTE)) as seen:
        lines = await asyncio.to_thread(open_many, stack, SLOW_HEADERS, times)
        began = time.monotonic()
        left = await asyncio.to_thread(drip_until_closed, lines, drop=b"a", seconds=120)
        took_seconds = time.monotonic() - began
        close_all(lines)
    extent.saw(
        f"{times} with slow headers gone in {took_seconds:.0f} s, {len(seen.answers)} others "
        f"served, the slowest in {seen.slowest_seconds:.1f} s"
    )
    assert left == 0
    assert seen.statuses == {201}


async def test_f79_slow_bodies(stack: Stack, anybody: Anybody, extent: Extent) -> None:
    """Who drips a body waits at the gateway until it hangs up; no service hears of it."""
    times = extent.of(100, 1000)
    async with watching(stack, "quotes", partial(anybody.post, "/api/quotes", QUOTE)) as seen:
        lines = await asyncio.to_thread(open_many, stack, SLOW_BODY, times)
        began = time.monotonic()
        left = await asyncio.to_thread(drip_until_closed, lines, drop=b" ", seconds=120)
        took_seconds = time.monotonic() - began
        close_all(lines)
    extent.saw(
        f"{times} with slow bodies gone in {took_seconds:.0f} s, at most "
        f"{seen.most['under_way']:.0f} at the service, {len(seen.answers)} others "
        f"served, the slowest in {seen.slowest_seconds:.1f} s"
    )
    assert left == 0
    assert seen.most["under_way"] <= 1
    assert seen.statuses == {201}


async def test_f79_headers_without_end(stack: Stack, anybody: Anybody, extent: Extent) -> None:
    """The gateway ends each with 431, holds nothing of it, and serves others."""
    times = extent.of(50, 500)
    async with watching(stack, "quotes", partial(anybody.post, "/api/quotes", QUOTE)) as seen:
        lines = await asyncio.to_thread(open_many, stack, ENDLESS, times)
        heard = await asyncio.to_thread(lambda: [said(line) for line in lines])
        close_all(lines)
    refused = sum(b" 431 " in one for one in heard)
    extent.saw(f"{times} of a megabyte: {refused} heard 431, the rest was cut off")
    assert all(b" 431 " in one or not one for one in heard)
    assert seen.statuses == {201}
    assert seen.memory["gateway"] <= MEMORY_MEGABYTES_MAX


async def test_f79_idle_connections(stack: Stack, anybody: Anybody, extent: Extent) -> None:
    """However many hold a connection and say nothing, others are served; then they are let go."""
    times = extent.of(300, 10_000)
    async with watching(stack, "quotes", partial(anybody.post, "/api/quotes", QUOTE)) as seen:
        lines = await asyncio.to_thread(open_many, stack, IDLE, times)
        enough = len(seen.answers) + extent.of(5, 50)
        while len(seen.answers) < enough:
            await asyncio.wait_for(seen.changed.wait(), 60)
    held = sum(not is_closed(line) for line in lines)
    close_all(lines)
    extent.saw(
        f"{held} of {times} connections idle, {len(seen.answers)} others served, the slowest in "
        f"{seen.slowest_seconds:.1f} s, gateway at most {seen.memory['gateway']:.0f} MB"
    )
    assert seen.statuses == {201}
    assert seen.memory["gateway"] <= 2 * MEMORY_MEGABYTES_MAX


@pytest.mark.parametrize("path", ["/api/rights-requests", "/api/quotes"])
@pytest.mark.timeout(3600)
def test_i20_known_and_unknown_addresses_cannot_be_told_apart(
    anybody: Anybody, extent: Extent, path: str
) -> None:
    """Status, headers and size are equal in each pair, and times follow one distribution."""
    pairs, draw = extent.of(60, 10_000), Random(20)
    known = [_fresh_address() for _ in range(1 + pairs // REQUESTS_A_DAY_MAX)]
    for email in known:
        assert anybody.requested(email=email)
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for number in range(pairs):
        asked = [(True, known[number % len(known)]), (False, _fresh_address())]
        draw.shuffle(asked)
        shapes = [
            _shape_of_answer(anybody, path, email, seconds[is_known]) for is_known, email in asked
        ]
        assert shapes[0] == shapes[1]
    chance = chance_of_telling(seconds[True], seconds[False])
    extent.saw(f"{path}: {pairs} pairs alike, the slower is the known one in {chance:.1%}")
    assert abs(chance - 0.5) < extent.of(0.25, 0.03)


def _shape_of_answer(
    anybody: Anybody, path: str, email: str, seconds: list[float]
) -> tuple[object, ...]:
    body = {"right": "erasure", "email": email} if "rights" in path else {**QUOTE, "email": email}
    began = time.perf_counter()
    answer = anybody.post(path, body)
    seconds.append(time.perf_counter() - began)
    assert answer.is_success
    return outside(answer)


def _fresh_address() -> str:
    return f"{uuid4().hex}@{CANARY}.example"


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
