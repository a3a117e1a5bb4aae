"""What a request leaves behind when it is not recorded, and that one that is keeps its key."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from libs.events.errors import Refused
from libs.events.vocabulary.quotes import QuoteDetails
from libs.keyring.openings import LinkedRecord
from libs.keyring.unused_keys import UNUSED_AFTER
from services.quotes.app.handlers import request_quote
from services.quotes.domain.quote import RequestQuote
from services.quotes.domain.refusals import QuoteErased
from tests.integration.services.quotes.running import BODY, Running
from tests.integration.services.quotes.test_abandoned import Hangs, like, means_of

SECOND = timedelta(seconds=1)
DETAILS = QuoteDetails(name="Zoë Canary", email="lost@canary.example", brief="CANARY-LOST")
REQUEST = RequestQuote(language="en", details=DETAILS)


async def lost_request(running: Running) -> UUID:
    """A record of which only the key was made, because the process died before its fact."""
    record = running.ground.ids.new()
    await running.ground.keyring.make_keys(
        record,
        kind="quote",
        categories=["quote"],
        subject=running.ground.blind_index.of_email(DETAILS.email),
        at=running.clock.now(),
    )
    return record


async def let_go(running: Running, *, after: timedelta = UNUSED_AFTER + SECOND) -> None:
    """Let time pass, and the timer run."""
    running.clock.advance_to(running.clock.now() + after)
    await running.run_timer("let_go_of_unused_keys")


@pytest.mark.policy("6.erasure")
async def test_key_of_a_lost_request_is_said_to_be_unused(running: Running) -> None:
    """After a quarter of an hour, once; the request itself is still linked until retention acts."""
    record = await lost_request(running)
    await let_go(running)
    await let_go(running)
    assert await running.names(record) == ["RecordAbandoned"]
    linked = await running.retention.records_with(record)
    assert linked == [LinkedRecord(record, "quote")]


async def test_young_and_used_keys_are_left_alone(running: Running) -> None:
    """A request has a quarter of an hour to be recorded, and one that is recorded stays."""
    used = await running.requested()
    await let_go(running, after=timedelta(days=2))
    young = await lost_request(running)
    await let_go(running, after=UNUSED_AFTER - timedelta(minutes=1))
    assert (await running.names(used), await running.names(young)) == (["QuoteRequested"], [])


async def test_request_that_comes_too_late_is_refused(running: Running) -> None:
    """One that hangs between its key and its fact, while both are let go, keeps nothing."""
    slow, record = like(running, Hangs), running.ground.ids.new()

    async def meanwhile() -> None:
        await let_go(running)
        now = running.clock.now()
        await running.retention.destroy(record, erasure=uuid4(), at=now)

    slow.meanwhile = meanwhile
    with pytest.raises(QuoteErased):
        await request_quote(means_of(running, slow), record, REQUEST)
    assert await running.names(record) == ["RecordAbandoned"]


async def race(running: Running) -> tuple[str, ...]:
    """Record a request and let go of its old key at once: what the log says in the end."""
    slow, record = like(running, Hangs), running.ground.ids.new()
    going: list[asyncio.Task[None]] = []

    async def meanwhile() -> None:
        running.clock.advance_to(running.clock.now() + UNUSED_AFTER + SECOND)
        going.append(asyncio.create_task(running.run_timer("let_go_of_unused_keys")))

    slow.meanwhile = meanwhile
    refused = False
    try:
        await request_quote(means_of(running, slow), record, REQUEST)
    except Refused:
        refused = True
    await going[0]
    names = tuple(await running.names(record))
    assert names == (("RecordAbandoned",) if refused else ("QuoteRequested",))
    return names


async def test_request_and_timer_have_one_outcome(running: Running) -> None:
    """Whoever is first, the log has one first fact and the caller was told so."""
    assert len([await race(running) for _ in range(20)]) == 20


async def test_same_person_may_ask_again(running: Running) -> None:
    """What was let go stands in nobody's way."""
    await lost_request(running)
    await let_go(running)
    quote = await running.requested(email=DETAILS.email)
    assert (await running.look(quote))["details"]["brief"] == BODY["brief"]
