"""The doors of rights requests, from the asking to the answer, over real parts."""

import asyncio
import time
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.native.stack import Stack
from libs.events.values import Category
from libs.events.vocabulary.retention import HeldPart
from services.consent.app.effects import MAIL_CONFIRMATION, MAIL_OUTCOME
from tests.integration.services.consent.running import ADDRESS, INSPECTION, Running

ARRIVES_WITHIN_SECONDS = 10


def _letters(mailbox: Path, message_id: UUID) -> list[str]:
    found = [
        message_from_bytes(one.read_bytes(), policy=policy.default)
        for one in mailbox.rglob("*")
        if one.is_file()
    ]
    return [str(one.get_content()) for one in found if str(message_id) in one.get("Message-ID", "")]


async def _arrived(mailbox: Path, message_id: UUID) -> str:
    until = time.monotonic() + ARRIVES_WITHIN_SECONDS
    while not (letters := _letters(mailbox, message_id)):
        assert time.monotonic() < until, "the letter did not arrive"
        await asyncio.sleep(0)
    return letters[0]


async def _look(running: Running, url: str) -> dict[str, Any]:
    answer = await running.http.get(running.path_of(url))
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def _held(record: UUID) -> HeldPart:
    return HeldPart(
        record=record,
        category=Category.BILLING,
        reason="order",
        basis="AWR art. 52(4)",
        until_on=date(2033, 12, 31),
    )


async def test_answer_is_the_same_whether_known_or_not(running: Running) -> None:
    """Status, headers and fields of the answer tell nothing about the address."""
    await running.requested()
    answers = [
        await running.post(
            "/api/rights-requests", {"right": "erasure", "email": email, "language": "nl"}
        )
        for email in (ADDRESS, "nobody@canary.example")
    ]
    shapes = [(one.status_code, sorted(one.headers.keys()), sorted(one.json())) for one in answers]
    assert shapes[0] == shapes[1]


@pytest.mark.policy("1.1.contact")
async def test_address_is_nowhere_in_the_clear(running: Running) -> None:
    """Neither the log, nor the view, nor the kept answer holds the address."""
    request = await running.requested()
    text = await running.ground.pool.fetchval(INSPECTION["read_everything"], request)
    assert "quokka" not in text


async def test_letter_holds_the_link_that_confirms(running: Running, stack: Stack) -> None:
    """Who reads the mailbox can confirm; the confirmation asks retention to erase."""
    request = await running.requested()
    fact = await running.carry_out(request, MAIL_CONFIRMATION)
    text = await _arrived(stack.mailbox, fact.event_id)
    (link,) = [line for line in text.splitlines() if "/confirmation?" in line]
    answer = await running.post(running.path_of(link))
    assert (answer.status_code, (await running.names(request))[-1]) == (202, "ErasureRequested")


async def test_link_works_once(running: Running) -> None:
    """A second use of the link is refused."""
    request = await running.requested()
    await running.confirmed(request)
    again = await running.post(await running.confirmation_path(request))
    assert (again.status_code, again.json()["type"]) == (
        409,
        "/problems/request-already-confirmed",
    )


async def test_link_works_once_when_used_at_the_same_moment(running: Running) -> None:
    """Of several uses at once one confirms."""
    request = await running.requested()
    path = await running.confirmation_path(request)
    answers = await asyncio.gather(*(running.post(path) for _ in range(5)))
    assert sorted(one.status_code for one in answers) == [202, 409, 409, 409, 409]


async def test_repeated_confirmation_with_its_key_is_answered_again(running: Running) -> None:
    """A client that did not get the answer asks again with its key and gets it."""
    path = await running.confirmation_path(await running.requested())
    first, second = [await running.post(path, key="the-same-key") for _ in range(2)]
    assert (second.status_code, second.content) == (202, first.content)


async def test_link_of_another_request_is_refused(running: Running) -> None:
    """A genuine link does nothing for another record."""
    path = await running.confirmation_path(await running.requested())
    other = await running.requested()
    moved = f"/api/rights-requests/{other}/confirmation?{path.partition('?')[2]}"
    assert (await running.post(moved)).status_code == 403


async def test_forged_link_is_refused(running: Running) -> None:
    """A link that was not made here is told apart, and nothing is confirmed."""
    request = await running.requested()
    path = (await running.confirmation_path(request)).replace("token=", "token=x")
    assert ((await running.post(path)).status_code, await running.names(request)) == (
        401,
        ["RightsRequestReceived"],
    )


async def test_status_link_does_not_confirm(running: Running) -> None:
    """Whoever asked cannot confirm with the link of the answer."""
    request = await running.requested()
    url = running.links.status_url(request, received_at=running.clock.now())
    path = running.path_of(url).replace("?", "/confirmation?")
    assert (await running.post(path)).status_code == 403


async def test_link_is_over_after_the_last_day(running: Running) -> None:
    """After a month the link is refused; a new request can be made."""
    path = await running.confirmation_path(await running.requested())
    running.clock.advance_to(running.clock.now() + timedelta(days=40))
    assert (await running.post(path)).status_code == 403


@pytest.mark.policy("6.requests")
async def test_person_sees_what_stays_and_until_when(running: Running) -> None:
    """The mailed link shows what is held, why, and until when, and where the proof is."""
    request, order = await running.requested(), uuid4()
    confirmed = await running.confirmed(request)
    erasure = await running.complete(request, _held(order))
    shown = await _look(running, confirmed["status_url"])
    (held,) = shown["outcome"]["held"]
    assert (shown["state"], held["until_on"], held["basis"]) == (
        "completed",
        "2033-12-31",
        "AWR art. 52(4)",
    )
    assert shown["outcome"]["certificate_url"].endswith(f"/api/erasures/{erasure}/certificate")


async def test_whoever_asked_does_not_see_the_outcome(running: Running) -> None:
    """The link of the answer shows the state; the outcome would tell whether we know somebody."""
    request = await running.requested()
    await running.confirmed(request)
    await running.complete(request, _held(uuid4()))
    url = running.links.status_url(request, received_at=running.clock.now())
    shown = await _look(running, url)
    assert (shown["state"], shown["outcome"]) == ("completed", None)


async def test_request_is_not_shown_without_a_link(running: Running) -> None:
    """Staff may look, others need a link."""
    request = await running.requested()
    path = f"/api/rights-requests/{request}"
    statuses = [
        (await running.http.get(path, headers=headers)).status_code
        for headers in ({}, running.as_role("auditor"), running.as_role("staff"))
    ]
    assert statuses == [401, 403, 200]


async def test_unknown_request_is_not_found(running: Running) -> None:
    """Staff who ask for what never was get a clear answer."""
    answer = await running.http.get(
        f"/api/rights-requests/{uuid4()}", headers=running.as_role("staff")
    )
    assert answer.json()["type"] == "/problems/no-such-request"


@pytest.mark.policy("6.requests")
async def test_request_is_answered_and_then_forgets_who_asked(
    running: Running, stack: Stack
) -> None:
    """The letter leaves, the request is answered, the address is erased, the outcome stays."""
    request = await running.requested()
    confirmed = await running.confirmed(request)
    await running.complete(request, _held(uuid4()))
    fact = await running.carry_out(request, MAIL_OUTCOME)
    await running.erase(request)
    shown = await _look(running, confirmed["status_url"])
    box = await running.ground.pool.fetchval(INSPECTION["find_requester"], request)
    assert "2033-12-31" in await _arrived(stack.mailbox, fact.event_id)
    assert (box, shown["answered_at"] is None, shown["outcome"] is None) == (None, False, False)


async def test_erased_request_cannot_be_confirmed(running: Running) -> None:
    """A request that was forgotten before its confirmation is closed."""
    request = await running.requested()
    path = await running.confirmation_path(request)
    await running.erase(request)
    assert (await running.post(path)).status_code == 410


BAD_FIELDS: tuple[dict[str, Any], ...] = (
    {"email": "Ada <ada@example.org>"},
    {"email": "ada"},
    {"right": "portability"},
    {"language": "nld"},
    {"reason": "because"},
)


async def test_bad_field_is_named_and_nothing_is_kept(running: Running) -> None:
    """A problem names the field and never repeats the value."""
    body = {"right": "erasure", "email": ADDRESS, "language": "nl"}
    bodies = [body | changes for changes in BAD_FIELDS]
    pointers = await running.refused_fields("/api/rights-requests", bodies)
    assert pointers == [[f"/{name}" for name in changes] for changes in BAD_FIELDS]
