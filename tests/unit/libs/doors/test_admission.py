"""Who is let in, who waits, and who is turned away at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from libs.doors.admission import Admission, Bounds
from libs.doors.ranks import Rank, rank_of

BOUNDS = Bounds(under_way_max=10, waiting_max=10, wait_seconds_max=20.0)
INTAKE, RIGHT, LIST = ("POST", "/api/quotes"), ("POST", "/api/erasures"), ("GET", "/api/quotes")


@dataclass
class Slow:
    """An app that answers when it is told to, and notes who came in."""

    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    inside: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.inside.append(scope["path"])
        await receive()
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})


@dataclass
class Callers:
    """Calls an admission, many at once."""

    admission: Admission
    client: httpx.AsyncClient
    asked: list["asyncio.Task[httpx.Response]"] = field(default_factory=list)

    async def ask(self, what: tuple[str, str], times: int = 1) -> None:
        """Send, and come back when each has got as far as it can."""
        for _ in range(times):
            self.asked.append(asyncio.create_task(self.client.request(*what)))
        for _ in range(20):
            await asyncio.sleep(0)

    async def statuses(self) -> list[int]:
        """What everybody was answered, in order of asking."""
        return [answer.status_code for answer in await asyncio.gather(*self.asked)]


@asynccontextmanager
async def callers(
    app: Slow, *, bounds: Bounds = BOUNDS, filled: Callable[[], float] = lambda: 0.0
) -> AsyncIterator[Callers]:
    """Callers of an app behind an admission."""
    admission = Admission(app, bounds=bounds, filled=filled)
    transport = httpx.ASGITransport(admission)
    async with httpx.AsyncClient(transport=transport, base_url="http://own") as client:
        yield Callers(admission, client)


async def test_what_finds_a_place_comes_in_and_the_rest_waits_its_turn() -> None:
    """No more at once than the bound for the rank, and everybody who waited is answered."""
    app = Slow()
    async with callers(app) as many:
        await many.ask(INTAKE, 15)
        assert len(app.inside) == 9
        app.may_answer.set()
        assert await many.statuses() == [200] * 15


async def test_who_finds_neither_place_nor_room_to_wait_is_told_at_once_when_to_come() -> None:
    """503 with Retry-After, spread, while nobody inside has answered yet."""
    app = Slow()
    async with callers(app) as many:
        await many.ask(INTAKE, 22)
        done = [one for one in many.asked if one.done()]
        assert [one.result().status_code for one in done] == [503] * 4
        again = {one.result().headers["retry-after"] for one in done}
        assert len(again) > 1
        assert all(one.result().json()["type"] == "/problems/too-busy" for one in done)
        app.may_answer.set()
        assert sorted(await many.statuses()) == [200] * 18 + [503] * 4


async def test_a_right_finds_a_place_that_intake_and_lists_may_not_take() -> None:
    """However many lists and quotes came first, a right goes in at once."""
    app = Slow()
    async with callers(app) as many:
        await many.ask(LIST, 12)
        await many.ask(INTAKE, 12)
        assert app.inside.count("/api/erasures") == 0
        await many.ask(RIGHT)
        assert app.inside[-1] == "/api/erasures"
        app.may_answer.set()
        await many.statuses()


async def test_who_waits_comes_in_by_rank_and_not_by_arrival() -> None:
    """The place that becomes free is a right's, though a quote came before it."""
    app = Slow()
    async with callers(app) as many:
        await many.ask(RIGHT, 10)
        await many.ask(INTAKE, 2)
        await many.ask(RIGHT, 2)
        app.may_answer.set()
        await many.statuses()
        assert app.inside[10:] == ["/api/erasures"] * 2 + ["/api/quotes"] * 2


async def test_a_wait_that_is_too_long_ends_in_503_and_leaves_no_place_taken() -> None:
    """After it everybody who may is let in again."""
    app = Slow()
    short = Bounds(under_way_max=10, waiting_max=10, wait_seconds_max=0.01)
    async with callers(app, bounds=short) as many:
        await many.ask(INTAKE, 11)
        assert [one.status_code for one in await asyncio.gather(*many.asked[9:])] == [503] * 2
        app.may_answer.set()
        assert sorted(await many.statuses()) == [200] * 9 + [503] * 2
        await many.ask(RIGHT, 10)
        assert (await many.statuses())[11:] == [200] * 10


async def test_a_caller_who_hangs_up_while_waiting_takes_no_place() -> None:
    """The line moves on without it."""
    app = Slow()
    async with callers(app) as many:
        await many.ask(INTAKE, 12)
        many.asked.pop(10).cancel()
        await many.ask(INTAKE)
        app.may_answer.set()
        assert await many.statuses() == [200] * 12
        await many.ask(RIGHT, 10)
        assert (await many.statuses())[12:] == [200] * 10


async def test_an_answer_that_takes_too_long_is_given_up() -> None:
    """The caller is told to ask again with the same key, and the place is free."""
    app = Slow()
    short = Bounds(under_way_max=1, waiting_max=10, answer_seconds_max=0.01)
    async with callers(app, bounds=short) as many:
        await many.ask(RIGHT, 2)
        answers = await asyncio.gather(*many.asked)
        assert [one.json()["type"] for one in answers] == ["/problems/took-too-long"] * 2
        assert len(app.inside) == 2


@pytest.mark.parametrize(
    ("filled", "what", "status"),
    [
        (0.89, INTAKE, 200),
        (0.9, INTAKE, 503),
        (0.9, RIGHT, 200),
        (1.0, RIGHT, 503),
        (1.0, LIST, 200),
        (1.0, ("POST", "/ops/relay/hold"), 200),
    ],
)
async def test_a_full_outbox_turns_writes_away_rights_last(
    filled: float, what: tuple[str, str], status: int
) -> None:
    """What only reads goes on, and so does the operator who mends it."""
    app = Slow()
    app.may_answer.set()
    async with callers(app, filled=lambda: filled) as many:
        await many.ask(what)
        assert await many.statuses() == [status]


@pytest.mark.parametrize(
    ("method", "path", "rank"),
    [
        ("POST", "/api/rights-requests", Rank.RIGHT),
        ("POST", "/api/rights-requests/7/confirmation", Rank.RIGHT),
        ("POST", "/api/choices", Rank.CHOICE),
        ("POST", "/api/quotes", Rank.INTAKE),
        ("POST", "/api/quotes/7/acceptance", Rank.INTAKE),
        ("GET", "/api/quotes/7", Rank.LOOK),
        ("GET", "/api/quotes", Rank.LIST),
        ("GET", "/api/evidence/quotes", Rank.LIST),
        ("GET", "/livez", None),
        ("POST", "/ops/parked/retry", None),
    ],
)
def test_rank_of_a_request(method: str, path: str, rank: Rank | None) -> None:
    """Rights first, then choices and intake, then looks, lists last; probes always."""
    assert rank_of(method, path) is rank
