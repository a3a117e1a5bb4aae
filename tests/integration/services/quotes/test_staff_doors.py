"""What staff may do, over HTTP, and what nobody else may."""

from uuid import uuid4

from tests.integration.services.quotes.running import Running
from tests.integration.services.quotes.test_customer_doors import days_on


async def test_order_is_carried_out(running: Running) -> None:
    """From offer to delivery each step is a fact."""
    quote = await running.offered(days_on(running, 30))
    await running.post(await running.answer_path(quote), {})
    await running.post(f"/api/quotes/{quote}/project/start", staff=True)
    body = {"delivered_on": days_on(running, 0)}
    await running.post(f"/api/quotes/{quote}/project/completion", body, staff=True)
    assert await running.names(quote) == [
        "QuoteRequested",
        "QuoteOffered",
        "QuoteAccepted",
        "ProjectStarted",
        "ProjectCompleted",
    ]


async def test_list_is_paged_newest_first(running: Running) -> None:
    """Two pages hold every quote once."""
    quotes = [str(await running.requested()) for _ in range(3)]
    first = await running.http.get("/api/quotes?limit=2", headers=running.staff())
    cursor = {"limit": 2, "cursor": first.json()["next"]}
    second = await running.http.get("/api/quotes", params=cursor, headers=running.staff())
    items = first.json()["items"] + second.json()["items"]
    assert ([one["id"] for one in items], second.json()["next"]) == (quotes[::-1], None)


async def test_staff_doors_are_closed_to_others(running: Running) -> None:
    """Without a token of the staff nothing can be written."""
    quote = await running.requested()
    doors = ("offer", "project/start", "project/completion")
    answers = [await running.post(f"/api/quotes/{quote}/{door}", {}) for door in doors]
    assert {one.status_code for one in answers} == {401}


async def test_unknown_quote_is_not_found(running: Running) -> None:
    """Staff who ask for what was never there are told so."""
    answer = await running.http.get(f"/api/quotes/{uuid4()}", headers=running.staff())
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/quote-unknown")


async def test_offer_needs_a_day_that_is_not_over(running: Running) -> None:
    """An offer that nobody could accept is refused."""
    quote = await running.requested()
    body = {"amount": {"amount": "10.00"}, "valid_until_on": days_on(running, -1)}
    answer = await running.post(f"/api/quotes/{quote}/offer", body, staff=True)
    assert answer.json()["type"] == "/problems/offer-ends-in-the-past"
