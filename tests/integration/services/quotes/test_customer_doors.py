"""What a customer may do, over HTTP, on a real log and keyring."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from libs.policy.calendar import local_date
from tests.integration.services.quotes.running import BODY, INSPECTION, Running, path_of, token_of


def days_on(running: Running, days: int) -> str:
    """A day so many days from now, as a caller writes it."""
    return (local_date(running.clock.now()) + timedelta(days=days)).isoformat()


async def test_request_gives_a_link_that_shows_it(running: Running) -> None:
    """Who asks for a price sees the request by the link alone."""
    asked = await running.post("/api/quotes", BODY)
    shown = await running.http.get(path_of(asked.json()["status_url"]))
    assert (asked.status_code, shown.json()["details"]["name"]) == (201, BODY["name"])


@pytest.mark.policy("1.1.contact")
async def test_nothing_personal_lies_in_the_clear(running: Running) -> None:
    """Neither the log, nor the view, nor the kept answer holds what the person typed."""
    quote = await running.requested()
    everything = await running.ground.pool.fetchval(INSPECTION["read_everything"], quote)
    assert not any(
        word in everything or word.encode().hex() in everything
        for word in ("Quokka", "QUOKKA", "canary", "Utrecht")
    )


async def test_repeated_request_is_one_quote(running: Running) -> None:
    """The same key with the same body gives the same answer, to the byte, and no second quote."""
    first = await running.post("/api/quotes", BODY, key="key-of-a-repeat")
    second = await running.post("/api/quotes", BODY, key="key-of-a-repeat")
    quotes = await running.ground.pool.fetchval(INSPECTION["count_quotes"])
    assert (second.content, quotes) == (first.content, 1)


async def test_repeats_at_once_are_one_quote(running: Running) -> None:
    """Eight repeats that race give one quote and one answer."""
    asked = [running.post("/api/quotes", BODY, key="key-of-a-race") for _ in range(8)]
    answers = await asyncio.gather(*asked)
    quotes = await running.ground.pool.fetchval(INSPECTION["count_quotes"])
    assert (len({one.content for one in answers}), quotes) == (1, 1)


async def test_repeated_key_with_another_body_is_refused(running: Running) -> None:
    """A key stands for one request."""
    await running.post("/api/quotes", BODY, key="key-of-two-bodies")
    other = await running.post("/api/quotes", BODY | {"brief": "x"}, key="key-of-two-bodies")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")


async def test_acceptance_makes_an_order_that_the_law_keeps(running: Running) -> None:
    """Accepting seals the billing party under a key that an erasure leaves alone."""
    quote = await running.offered(days_on(running, 30))
    answer = await running.post(await running.answer_path(quote), {})
    outcome = await running.retention.destroy(quote, erasure=uuid4(), at=running.clock.now())
    assert (answer.status_code, [(one.category, one.reason) for one in outcome.held]) == (
        200,
        [("billing", "order")],
    )


async def test_acceptance_names_whom_to_invoice(running: Running) -> None:
    """An acceptance without an address is refused; with one it stands."""
    quote = await running.offered(days_on(running, 30), billing_address=None)
    path = await running.answer_path(quote)
    without = await running.post(path, {})
    party = {"party": {"address": BODY["billing_address"]}}
    assert [without.status_code, (await running.post(path, party)).status_code] == [422, 200]


async def test_second_answer_to_an_offer_is_refused(running: Running) -> None:
    """A link answers once: yes again, or no afterwards, is a conflict."""
    quote = await running.offered(days_on(running, 30))
    await running.post(await running.answer_path(quote), {})
    again = await running.post(await running.answer_path(quote), {})
    then_no = await running.post(await running.answer_path(quote, "refusal"))
    assert [again.status_code, then_no.status_code] == [409, 409]


async def test_refusal_is_recorded(running: Running) -> None:
    """The customer can say no by the link."""
    quote = await running.offered(days_on(running, 30))
    await running.post(await running.answer_path(quote, "refusal"))
    assert (await running.look(quote))["status"] == "declined"


async def test_links_open_only_what_they_are_for(running: Running) -> None:
    """A forged, missing, foreign or wrong link gives a problem, and nothing happens."""
    quote, other = await running.offered(days_on(running, 30)), await running.requested()
    look = token_of(running.links.status_url(quote, since=running.clock.now()))
    paths = {
        f"/api/quotes/{quote}/acceptance": 401,
        f"/api/quotes/{quote}/acceptance?token=x.y.z": 401,
        f"/api/quotes/{quote}/acceptance?token={look}": 403,
        (await running.answer_path(quote)).replace(str(quote), str(other), 1): 403,
    }
    answers = [(await running.post(path, {})).status_code for path in paths]
    assert (answers, (await running.look(quote))["status"]) == (list(paths.values()), "offered")


async def test_link_of_an_earlier_offer_is_refused(running: Running) -> None:
    """A newer offer takes the place of the one before it."""
    quote = await running.offered(days_on(running, 30))
    path = await running.answer_path(quote)
    body = {"amount": {"amount": "999.00"}, "valid_until_on": days_on(running, 30)}
    await running.post(f"/api/quotes/{quote}/offer", body, staff=True)
    assert (await running.post(path, {})).json()["type"] == "/problems/offer-superseded"


BAD: dict[str, dict[str, Any]] = {
    "/brief": {"brief": "a\x00b"},
    "/email": {"email": "Zoë <zoe@canary.example>"},
    "/vat_number": {"vat_number": "NL000000000B00"},
    "/deadline_on": {"deadline_on": "2027-02-29"},
    "/budget/amount": {"budget": {"amount": "1.005"}},
    "/nickname": {"nickname": "Z"},
}


async def test_bad_field_is_named_and_nothing_is_kept(running: Running) -> None:
    """A problem names the field, and no quote was begun."""
    answers = [await running.post("/api/quotes", BODY | change) for change in BAD.values()]
    named = [error["pointer"] for answer in answers for error in answer.json()["errors"]]
    quotes = await running.ground.pool.fetchval(INSPECTION["count_quotes"])
    assert (named, quotes) == (list(BAD), 0)
