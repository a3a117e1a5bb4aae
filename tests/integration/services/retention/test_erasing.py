"""Erasures on a real keyring and log, from their cause to their certificate."""

import asyncio
from datetime import date
from uuid import UUID

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey

from libs.events.values import Category, Owner
from libs.events.vocabulary.billing import InvoiceHoldPlaced, InvoiceHoldReleased
from libs.events.vocabulary.consent import ErasureRequested
from libs.events.vocabulary.retention import RecordErased
from libs.events.vocabulary.scrubbing import RecordAbandoned
from libs.keyring.journal import read_journal, verify_journal
from tests.integration.services.retention.running import Running

PERSON = b"a blind index, 32 bytes in truth"


async def request_erasure(running: Running) -> UUID:
    """The person asks and confirms; gives the request."""
    request = await running.requester(PERSON)
    now = running.clock.now()
    event = ErasureRequested(received_at=now, due_on=date(2099, 1, 1))
    await running.hear(Owner.CONSENT, request, event)
    return request


async def newest(running: Running) -> dict[str, object]:
    """The erasure that began last."""
    items = (await running.get("/api/erasures?limit=1")).json()["items"]
    shown: dict[str, object] = items[0]
    return shown


@pytest.mark.policy("6.erasure")
async def test_request_erases_what_may_go_and_names_what_stays(running: Running) -> None:
    """The lone quote goes; of the ordered one only what the law holds stays."""
    lone = await running.quoted(PERSON)
    ordered = await running.quoted(PERSON, is_ordered=True)
    await request_erasure(running)
    await running.finish()
    erasure = await newest(running)
    assert erasure["state"] == "completed"
    assert [(one["record"], one["category"]) for one in erasure["erased"]] == [  # type: ignore[attr-defined]  # JSON
        (str(lone), "quote"),
        (str(ordered), "quote"),
    ]
    assert [(one["record"], one["category"]) for one in erasure["held"]] == [  # type: ignore[attr-defined]  # JSON
        (str(ordered), "billing")
    ]


@pytest.mark.policy("6.erasure")
async def test_key_of_which_nothing_came_goes_by_the_same_path(running: Running) -> None:
    """Key and link are gone, the owners answer, and there is a certificate of it."""
    record = await running.requester(PERSON)
    await running.hear(Owner.CONSENT, record, RecordAbandoned())
    await running.finish()
    erasure = await newest(running)
    assert (erasure["state"], erasure["cause"]) == ("completed", "abandoned")
    assert await running.ground.keyring.records_of(PERSON) == []


async def test_erasure_shows_for_whom_it_waits(running: Running) -> None:
    """Until the owners have answered there is no certificate, and their names are shown."""
    lone = await running.quoted(PERSON)
    await request_erasure(running)
    await running.carry_out()
    erasure = await newest(running)
    missing = await running.http.get(f"/api/erasures/{erasure['id']}/certificate")
    assert erasure["waiting_for"] == [
        {"record": str(lone), "owner": owner} for owner in ("quotes", "consent", "billing")
    ]
    assert missing.json()["type"] == "/problems/certificate-not-ready"


@pytest.mark.policy("6.certificate")
async def test_certificate_is_checked_with_what_the_doors_give(running: Running) -> None:
    """Whoever has the link can check the signature, without signing in."""
    await running.quoted(PERSON)
    await request_erasure(running)
    await running.finish()
    place = f"/api/erasures/{(await newest(running))['id']}/certificate"
    bare = await running.http.get(place, headers={"Accept": "application/jose"})
    key = OKPKey.import_key((await running.http.get("/api/erasures/signing-key")).json())
    signed = jws.deserialize_compact(bare.text, key, algorithms=["Ed25519"])
    shown = (await running.http.get(place)).json()
    assert shown["content"]["erasure"].encode() in (signed.payload or b"")


@pytest.mark.policy("5.1.holds")
async def test_released_hold_goes_by_itself(running: Running) -> None:
    """After the release the next sweep erases what was held, with no person acting."""
    ordered = await running.quoted(PERSON, is_ordered=True)
    placed = InvoiceHoldPlaced(
        category=Category.BILLING,
        reason="order",
        basis="AWR art. 52(4)",
        until_on=date(2033, 12, 31),
    )
    await running.hear(Owner.BILLING, ordered, placed)
    held = (await running.get("/api/held")).json()["items"]
    keyring, now = running.keyrings[Owner.BILLING], running.clock.now()
    await keyring.release_hold(ordered, "billing", "order", at=now)
    released = InvoiceHoldReleased(category=Category.BILLING, reason="order")
    await running.hear(Owner.BILLING, ordered, released)
    await running.post("/api/sweep")
    await running.finish()
    assert [one["until_on"] for one in held] == ["2033-12-31"]
    assert (await running.get("/api/held")).json()["items"] == []
    assert "RecordErased" in await running.names(ordered)


async def test_answers_that_come_at_once_are_all_kept(running: Running) -> None:
    """Facts of many records change one erasure's row, and none is lost."""
    records = [await running.quoted(PERSON) for _ in range(8)]
    await request_erasure(running)
    (begun,) = [one for one in await running.facts() if one.name == "ErasureBegun"]
    eraser = running.built.effects["destroy_keys"]
    await asyncio.gather(*(eraser(begun) for _ in range(3)), return_exceptions=True)
    await running.finish()
    erasure = await newest(running)
    assert erasure["state"] == "completed"
    assert len(erasure["erased"]) == len(records)  # type: ignore[arg-type]  # JSON


async def test_staff_erase_by_address(running: Running) -> None:
    """Everything of the person with an address goes; the address is in no answer and no log."""
    person = running.ground.blind_index.of_email("heron@canary.example")
    record = await running.quoted(person)
    body = {"email": "Heron@canary.example", "reason": "asked_otherwise"}
    answer = await running.post("/api/erasures", body)
    await running.finish()
    assert answer.json()["records"] == [str(record)]
    assert "heron" not in answer.text.lower()
    assert (await newest(running))["cause"] == "staff: asked_otherwise"


async def test_staff_erasure_is_begun_once(running: Running) -> None:
    """The same request with the same key is the same erasure."""
    record = await running.quoted(PERSON)
    body = {"record": str(record)}
    first, again = [await running.post("/api/erasures", body, key="k" * 20) for _ in range(2)]
    assert (first.json(), again.headers["Idempotency-Replayed"]) == (again.json(), "true")
    assert len((await running.get("/api/erasures")).json()["items"]) == 1


async def test_erasures_are_listed_page_by_page(running: Running) -> None:
    """Following the cursor shows each erasure once, newest first."""
    for _ in range(3):
        await running.post("/api/erasures", {"record": str(await running.quoted(PERSON))})
    first = (await running.get("/api/erasures?limit=2")).json()
    rest = (await running.get(f"/api/erasures?limit=2&cursor={first['next']}")).json()
    ids = [one["id"] for one in (*first["items"], *rest["items"])]
    assert ids == sorted(set(ids), reverse=True)
    assert (len(ids), rest["next"]) == (3, None)


async def test_erasure_stands_in_the_journal_before_it_is_completed(running: Running) -> None:
    """What was destroyed is journaled outside the databases, and the keyring knows how far."""
    record = await running.quoted(PERSON)
    await request_erasure(running)
    await running.carry_out()
    assert (await newest(running))["state"] != "completed"
    (line,) = read_journal(running.ground.journal)
    erased = [fact for fact in await running.facts() if isinstance(fact.event, RecordErased)]
    assert (line.entry.record, line.entry.event) == (record, erased[0].event_id)
    await running.finish()
    await running.ground.journaling.catch_up()
    assert verify_journal(running.ground.journal) == line.head
    assert (await newest(running))["state"] == "completed"
