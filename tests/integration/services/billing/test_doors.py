"""The doors of staff: pages, refusals and roles."""

from uuid import uuid4

from libs.events.values import Owner
from tests.integration.services.billing.running import Running
from tests.integration.services.billing.test_orders import year_of

QUESTIONS = {
    "/api/orders/not-an-id": 422,
    f"/api/orders/{uuid4()}": 404,
    "/api/invoices/2026-000001": 404,
    "/api/invoices/%00": 404,
    "/api/invoices/2026-99999999999999999999": 404,
    "/api/invoices/%F0%9F%92%A9/document": 404,
    "/api/orders?limit=0": 422,
    "/api/orders?cursor=forged": 400,
}


async def test_bad_question_gets_a_clear_answer(running: Running) -> None:
    """What is not there or not well asked is told as a problem."""
    answers = {path: await running.get(path) for path in QUESTIONS}
    assert {path: answer.status_code for path, answer in answers.items()} == QUESTIONS
    kinds = {answer.headers["content-type"] for answer in answers.values()}
    assert kinds == {"application/problem+json"}


async def test_doors_are_for_staff(running: Running) -> None:
    """Without a token nobody enters, and an auditor has other doors."""
    for path in ("/api/orders", "/api/invoices", "/api/invoices/2026-000001"):
        answers = [await running.http.get(path), await running.get(path, role="auditor")]
        assert [answer.status_code for answer in answers] == [401, 403], path


async def test_pages_show_each_once(running: Running) -> None:
    """Page by page every order and every invoice is shown once, the newest first."""
    records = [await running.invoiced() for _ in range(3)]
    orders = await _all(running, "/api/orders?limit=2")
    invoices = await _all(running, "/api/invoices?limit=2")
    year = year_of(running)
    assert {it["id"] for it in orders} == {str(record) for record in records}
    assert [it["number"] for it in invoices] == [f"{year}-00000{place}" for place in (3, 2, 1)]


async def test_answers_are_not_kept_on_their_way(running: Running) -> None:
    """What names a person is not for caches."""
    record = await running.invoiced()
    answers = [await running.get(path) for path in (f"/api/orders/{record}", "/api/invoices")]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


async def test_document_that_is_not_stored_yet_is_told(running: Running) -> None:
    """Between issue and storing the document is missing, not erased."""
    record = await running.ordered()
    running.completes(record)
    await running.take_in(Owner.QUOTES, carries_out=False)
    answer = await running.get(f"/api/invoices/{year_of(running)}-000001/document")
    assert answer.status_code == 404


async def test_keyring_away_is_no_erasure(running: Running) -> None:
    """When the keyring does not answer, nobody is called erased."""
    record = await running.ordered()
    running.ground.keyring.revoke(record)
    await running.pools.keyring.close()
    answer = await running.get(f"/api/orders/{record}")
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


async def _all(running: Running, path: str) -> list[dict[str, str]]:
    page = await running.look(path)
    items: list[dict[str, str]] = page["items"]
    while page["next"]:
        page = await running.look(f"{path}&cursor={page['next']}")
        items += page["items"]
    return items
