"""What people do in the storm: choose, ask for prices, order, look, and ask to be forgotten."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from random import Random
from uuid import UUID

from libs.policy.calendar import local_date
from services.consent.app.request_links import CONFIRMATION
from services.quotes.app.quote_links import OFFER
from tests.storm.callers import Ask, Caller, Json, Said

CREATED, OK, GONE, ABSENT = 201, 200, 410, 404
Journey = Callable[[Caller, Random], Awaitable[None]]
PURPOSES = ("functional", "analytical", "advertisement", "marketing", "portfolio")


async def choose(caller: Caller, draw: Random) -> None:
    """A visitor answers the banner, changes their mind now and then, and may be forgotten."""
    visitor = str(UUID(int=draw.getrandbits(128), version=4))
    said = Said(0, b"")
    for _ in range(draw.randint(1, 4)):
        said = await caller.act(
            Ask(kind="choice", path="/api/choices", body=_choice(visitor, draw)), draw
        )
        if said.status in (OK, CREATED):
            await _see_choice(caller, visitor, said.body)
    if said.status in (OK, CREATED) and draw.random() < 0.06:
        await erase(caller, draw, said.body["record"])


async def _see_choice(caller: Caller, visitor: str, chosen: Json) -> None:
    seen = await caller.look(Ask(kind="look", path=f"/api/choices/{visitor}"))
    if seen.status == ABSENT or (seen.status == OK and seen.body["event_id"] != chosen["event_id"]):
        caller.history.unseen_writes.append(f"choice {chosen['event_id']}: {seen.status}")


async def ask_for_price(caller: Caller, draw: Random) -> None:
    """A customer asks; what follows is drawn: an order, a refusal, silence, or an erasure."""
    body = _request(draw)
    said = await caller.act(Ask(kind="quote", path="/api/quotes", body=body), draw)
    if said.status != CREATED:
        return
    quote = str(said.body["id"])
    await _see_quote(caller, quote)
    chance = draw.random()
    if chance < 0.12:
        return
    if chance < 0.2:
        await erase(caller, draw, quote)
    elif chance < 0.25:
        await be_forgotten(caller, draw, body["email"])
    else:
        await _negotiate(caller, draw, quote)
    if draw.random() < 0.08:
        await be_forgotten(caller, draw, body["email"])


async def _negotiate(caller: Caller, draw: Random, quote: str) -> None:
    until = _today(caller) + timedelta(days=14)
    amount = {"amount": f"{draw.randint(50, 9000)}.00", "currency": "EUR"}
    offer = {"amount": amount, "valid_until_on": str(until)}
    said = await caller.act(_staff("offer", quote, "offer", offer), draw)
    if said.status != OK:
        return
    answer = draw.choices((_order, _refuse, _order_while_erasing, _leave), (60, 12, 18, 10))[0]
    await answer(caller, draw, quote)


async def _order(caller: Caller, draw: Random, quote: str) -> None:
    said = await caller.act(_customer(caller, "accept", quote, "acceptance"), draw)
    if said.status == OK:
        await _deliver(caller, draw, quote)


async def _order_while_erasing(caller: Caller, draw: Random, quote: str) -> None:
    """The order and the erasure at the same moment: one of them is first, everywhere."""
    first, second = Random(draw.getrandbits(64)), Random(draw.getrandbits(64))
    head_start = draw.uniform(-0.05, 0.05)

    async def later(seconds: float, waiting: Awaitable[Said]) -> Said:
        await asyncio.sleep(max(0.0, seconds))
        return await waiting

    accepting = caller.act(_customer(caller, "accept", quote, "acceptance"), first)
    said, _ = await asyncio.gather(
        later(head_start, accepting), later(-head_start, erase(caller, second, quote))
    )
    if said.status == OK:
        await _deliver(caller, draw, quote)


async def _deliver(caller: Caller, draw: Random, quote: str) -> None:
    said = await caller.act(_staff("start", quote, "project/start"), draw)
    if said.status == OK and draw.random() < 0.85:
        done = {"delivered_on": str(_today(caller))}
        await caller.act(_staff("complete", quote, "project/completion", done), draw)
    if draw.random() < 0.2:
        await erase(caller, draw, quote)


async def _refuse(caller: Caller, draw: Random, quote: str) -> None:
    await caller.act(_customer(caller, "refuse", quote, "refusal"), draw)


async def _leave(caller: Caller, draw: Random, quote: str) -> None:
    if draw.random() < 0.5:
        await erase(caller, draw, quote)


async def erase(caller: Caller, draw: Random, record: str) -> Said:
    """Staff erase one record."""
    body = {"record": record, "reason": "staff_decision"}
    ask = Ask(kind="erase", path="/api/erasures", body=body, role="staff", record=record)
    return await caller.act(ask, draw)


async def ask_as_a_stranger(caller: Caller, draw: Random) -> None:
    """Somebody of whom nothing is kept asks to be forgotten."""
    await be_forgotten(caller, draw, _address(f"{draw.getrandbits(64):016x}"), whose="unknown")


async def be_forgotten(caller: Caller, draw: Random, email: str, *, whose: str = "known") -> None:
    """A person asks to be forgotten and confirms by the mailed link."""
    body = {"right": "erasure", "email": email, "language": "nl"}
    said = await caller.act(Ask(kind="right", path="/api/rights-requests", body=body), draw)
    if said.status != 202:
        return
    caller.history.faces[whose][said.face] += 1
    request = str(said.body["id"])
    path = f"/api/rights-requests/{request}/confirmation"
    token = caller.link("consent", CONFIRMATION, request)
    await caller.act(Ask(kind="confirm", path=path, token=token, record=request), draw)


async def look_around(caller: Caller, draw: Random) -> None:
    """Staff read the lists; nothing is changed."""
    paths = (
        "/api/quotes",
        "/api/orders",
        "/api/invoices",
        "/api/erasures",
        "/api/held",
        "/api/due",
    )
    for path in draw.sample(paths, 2):
        await caller.look(Ask(kind="look", path=path, role="staff"))


async def _see_quote(caller: Caller, quote: str) -> None:
    seen = await caller.look(Ask(kind="look", path=f"/api/quotes/{quote}", role="staff"))
    if 400 <= seen.status < 500:
        caller.history.unseen_writes.append(f"quote {quote}: {seen.status}")


def _staff(kind: str, quote: str, door: str, body: Json | None = None) -> Ask:
    path = f"/api/quotes/{quote}/{door}"
    return Ask(kind=kind, path=path, body=body, role="staff", record=quote)


def _customer(caller: Caller, kind: str, quote: str, door: str) -> Ask:
    token = caller.link("quotes", OFFER, quote, nonce="1")
    return Ask(kind=kind, path=f"/api/quotes/{quote}/{door}", token=token, record=quote)


def _today(caller: Caller) -> date:
    return local_date(caller.clock.now())


def _choice(visitor: str, draw: Random) -> Json:
    answers = {purpose: draw.random() < 0.5 for purpose in PURPOSES}
    source = draw.choice(("banner", "settings", "form"))
    rest = {"visitor": visitor, "source": source, "notice_version": "1", "language": "en"}
    return {**answers, **rest, "gpc": draw.random() < 0.1}


def _address(who: str) -> str:
    return f"{who}@storm.example"


def _request(draw: Random) -> Json:
    who = f"{draw.getrandbits(64):016x}"
    return {
        "name": f"Storm {who}",
        "email": _address(who),
        "brief": f"A lighthouse, {who}.",
        "language": draw.choice(("en", "nl", "de")),
        "billing_address": {
            "street": f"{who} 1",
            "postal_code": "1015 CJ",
            "city": "Amsterdam",
            "country": "NL",
        },
    }


JOURNEYS: tuple[tuple[Journey, int], ...] = (
    (choose, 43),
    (ask_for_price, 43),
    (look_around, 10),
    (ask_as_a_stranger, 4),
)


async def walk_for_ever(caller: Caller, seed: str, stopped: asyncio.Event) -> None:
    """One client: journey after journey, drawn from its seed, until the storm is over."""
    number = 0
    walks, weights = zip(*JOURNEYS, strict=True)
    while not stopped.is_set():
        draw = Random(f"{seed}:{number}")
        await draw.choices(walks, weights)[0](caller, draw)
        number += 1
