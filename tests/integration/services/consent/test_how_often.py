"""A rights request may be made three times a day from one address, known here or not."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from httpx import Response
from structlog.testing import capture_logs

from services.consent.app.handlers import DAY, REQUESTS_A_DAY_MAX
from tests.integration.services.consent.running import ADDRESS, INSPECTION, Running


async def ask(running: Running, email: str, *, key: str | None = None) -> Response:
    """A rights request as it was answered."""
    body = {"right": "erasure", "email": email, "language": "nl"}
    return await running.post("/api/rights-requests", body, key=key)


@pytest.mark.policy("6.requests")
async def test_fourth_request_of_a_day_is_refused_with_nothing_kept(running: Running) -> None:
    """It is told when to come back, however the address is written; the next day it is taken."""
    for _ in range(REQUESTS_A_DAY_MAX):
        await running.requested()
    before = await running.ground.pool.fetchval(INSPECTION["count_facts"])
    with capture_logs() as said:
        refused = await ask(running, ADDRESS.upper())
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "86400")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "/problems/requested-too-often"
    assert ADDRESS.casefold() not in (refused.text + str(said)).casefold()
    assert await running.ground.pool.fetchval(INSPECTION["count_facts"]) == before
    running.clock.advance_to(running.clock.now() + DAY + timedelta(seconds=1))
    assert (await ask(running, ADDRESS)).status_code == 202


async def test_requests_at_once_are_counted_too(running: Running) -> None:
    """Of five at the same moment three are taken."""
    answers = await asyncio.gather(*(ask(running, ADDRESS) for _ in range(5)))
    assert sorted(one.status_code for one in answers) == [202, 202, 202, 429, 429]


async def test_known_and_unknown_addresses_are_refused_alike(running: Running) -> None:
    """Of an address that has records here and one that has none the answers are the same."""
    index = running.ground.blind_index.of_email(ADDRESS)
    await running.ground.keyring.make_keys(
        uuid4(), kind="choices", categories=["consent"], subject=index, at=running.clock.now()
    )
    seen = [
        [await ask(running, email) for _ in range(REQUESTS_A_DAY_MAX + 1)]
        for email in (ADDRESS, "nobody@canary.example")
    ]
    shapes = [[(one.status_code, sorted(one.headers)) for one in answers] for answers in seen]
    assert shapes[0] == shapes[1]
    assert seen[0][-1].content == seen[1][-1].content


async def test_repeat_is_answered_again_and_counts_once(running: Running) -> None:
    """Who did not get the answer and asks again with its key has asked once."""
    answers = [await ask(running, ADDRESS, key="the-same-key") for _ in range(5)]
    assert {(one.status_code, one.content) for one in answers} == {(202, answers[0].content)}
    assert (await ask(running, ADDRESS)).status_code == 202


@pytest.mark.policy("1.2.categories")
async def test_consent_is_withdrawn_as_often_as_one_likes(running: Running) -> None:
    """A choice has no such limit, and so no withdrawal waits."""
    visitor = uuid4()
    answers = [await running.chosen(visitor, marketing=at % 2 == 0) for at in range(10)]
    assert len(answers) == 10


async def test_each_letter_of_a_day_can_be_used(running: Running) -> None:
    """Requests that a stranger made in somebody's name keep nobody from their right."""
    requests = [await running.requested() for _ in range(REQUESTS_A_DAY_MAX)]
    assert (await ask(running, ADDRESS)).status_code == 429
    assert (await running.confirmed(requests[-1]))["state"] == "confirmed"
