"""An erasure reaches quotes: the view is blank, it answers once, and nothing is written after."""

import asyncio
from uuid import UUID, uuid4

import pytest

from libs.events.values import Category
from libs.events.vocabulary.retention import RecordErased
from tests.integration.services.quotes.running import INSPECTION, Running
from tests.integration.services.quotes.test_customer_doors import days_on


async def erase(running: Running, quote: UUID) -> None:
    """Destroy the keys as retention does, and let quotes hear of it."""
    erasure, at = uuid4(), running.clock.now()
    outcome = await running.retention.destroy(quote, erasure=erasure, at=at)
    event = RecordErased(
        erasure=erasure,
        cause="request",
        categories=tuple(Category(one.category) for one in outcome.destroyed),
        unreadable_since=at,
    )
    await running.hear(quote, event)


@pytest.mark.policy("6.erasure")
async def test_erased_quote_is_blank(running: Running) -> None:
    """The person's part is gone from the view, and the answer says that it was erased."""
    quote = await running.requested()
    await erase(running, quote)
    shown = await running.look(quote)
    box = await running.ground.pool.fetchval(INSPECTION["find_details"], quote)
    assert (shown["details"], shown["erased"], box) == (None, True, None)


async def test_erasure_is_answered_once(running: Running) -> None:
    """However often the erasure is heard, the certificate gets one answer."""
    quote = await running.requested()
    await erase(running, quote)
    assert await running.names(quote) == ["QuoteRequested", "RecordScrubbed"]


async def test_record_of_others_is_answered_too(running: Running) -> None:
    """The certificate waits for every owner, also for one that kept nothing."""
    record = uuid4()
    event = RecordErased(
        erasure=uuid4(),
        cause="request",
        categories=(Category.CONSENT,),
        unreadable_since=running.clock.now(),
    )
    await running.hear(record, event)
    assert await running.names(record) == ["RecordScrubbed"]


@pytest.mark.policy("6.erasure")
async def test_erased_quote_cannot_be_accepted(running: Running) -> None:
    """The keyring refuses before quotes has even heard: nothing is written after the fence."""
    quote = await running.offered(days_on(running, 30))
    await running.retention.destroy(quote, erasure=uuid4(), at=running.clock.now())
    running.ground.keyring.revoke(quote)
    answer = await running.post(await running.answer_path(quote), {})
    assert (answer.status_code, await running.names(quote)) == (
        410,
        ["QuoteRequested", "QuoteOffered"],
    )


@pytest.mark.policy("5.1.holds")
async def test_order_goes_on_after_its_brief_is_erased(running: Running) -> None:
    """The law keeps the billing party, and the contract is carried out."""
    quote = await running.offered(days_on(running, 30))
    await running.post(await running.answer_path(quote), {})
    await erase(running, quote)
    started = await running.post(f"/api/quotes/{quote}/project/start", staff=True)
    kept = {one["category"]: one["until_on"] for one in (await running.look(quote))["kept"]}
    assert (started.status_code, kept["quote"], kept["billing"] is None) == (200, None, False)


async def race(running: Running) -> tuple[bool, int, list[str]]:
    """Accept and erase one quote at the same moment: ordered, the answer, what is held."""
    quote = await running.offered(days_on(running, 30))
    path = await running.answer_path(quote)
    answer, outcome = await asyncio.gather(
        running.post(path, {}),
        running.retention.destroy(quote, erasure=uuid4(), at=running.clock.now()),
    )
    is_ordered = "QuoteAccepted" in await running.names(quote)
    return is_ordered, answer.status_code, [one.category for one in outcome.held]


async def test_acceptance_that_races_an_erasure_has_one_outcome(running: Running) -> None:
    """Either the order stands and its billing is held, or it was refused and nothing is held."""
    outcomes = [await race(running) for _ in range(10)]
    assert all(one in ((True, 200, ["billing"]), (False, 410, [])) for one in outcomes), outcomes
