"""What runs by itself: letters, the end of offers, and the checks of the policy."""

import asyncio
import time
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from uuid import UUID

from deploy.native.stack import Stack
from services.quotes.app.effects import MAIL_CONFIRMATION, MAIL_OFFER
from services.quotes.app.evidence import SCRUBBED, SEALED
from tests.integration.services.quotes.running import INSPECTION, Running
from tests.integration.services.quotes.test_customer_doors import days_on
from tests.integration.services.quotes.test_erasure import erase

ARRIVES_WITHIN_SECONDS = 10


def letters_in(mailbox: Path, message_id: UUID) -> list[Message]:
    """The letters with this id that have arrived."""
    found = [message_from_bytes(one.read_bytes()) for one in mailbox.rglob("*") if one.is_file()]
    return [one for one in found if str(message_id) in one.get("Message-ID", "")]


async def arrived(mailbox: Path, message_id: UUID) -> str:
    """The text of the letter, once it has arrived."""
    until = time.monotonic() + ARRIVES_WITHIN_SECONDS
    while not (letters := letters_in(mailbox, message_id)):
        assert time.monotonic() < until, "the letter did not arrive"
        await asyncio.sleep(0)
    payload = letters[0].get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


async def test_offer_letter_holds_links_that_work(running: Running, stack: Stack) -> None:
    """The letter, in the customer's language, holds the link that accepts."""
    quote = await running.offered(days_on(running, 30))
    offered = (await running.log.load(quote))[-1]
    await running.built.effects[MAIL_OFFER](offered)
    text = await arrived(stack.mailbox, offered.event_id)
    (link,) = [line for line in text.splitlines() if "/acceptance?" in line]
    path = link.removeprefix(running.ground.public_url)
    assert ("Beste Zoë" in text, (await running.post(path, {})).status_code) == (True, 200)


async def test_nobody_erased_gets_a_letter(running: Running, stack: Stack) -> None:
    """A letter that is still owed to somebody erased is not sent."""
    quote = await running.requested()
    (requested,) = await running.log.load(quote)
    await erase(running, quote)
    await running.built.effects[MAIL_CONFIRMATION](requested)
    assert letters_in(stack.mailbox, requested.event_id) == []


async def test_offers_end_by_the_calendar(running: Running) -> None:
    """The day after its last day an offer is over, and the timer says so once."""
    quote = await running.offered(days_on(running, 1))
    path = await running.answer_path(quote)
    running.clock.advance_to(running.clock.now().replace(year=running.clock.now().year + 1))
    for _ in range(2):
        await running.run_timer("expire_offers")
    assert (await running.names(quote))[-2:] == ["QuoteOffered", "QuoteExpired"]
    assert (await running.post(path, {})).status_code == 403


async def test_keyring_away_means_try_again(running: Running) -> None:
    """When the keyring does not answer, nothing is kept and nobody is called erased."""
    quote = await running.requested()
    running.ground.keyring.revoke(quote)
    await running.pools.keyring.close()
    answer = await running.http.get(f"/api/quotes/{quote}", headers=running.staff())
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


async def test_checks_say_when_there_is_nothing(running: Running) -> None:
    """A check over an empty service does not claim that a promise is kept."""
    results = [await check() for check in running.built.evidence.values()]
    assert {one.verdict for one in results} == {"nothing_to_check"}


async def test_checks_see_that_all_is_well(running: Running) -> None:
    """Sealed parts and scrubbed records are seen as kept promises."""
    await running.requested()
    await erase(running, await running.requested())
    results = {name: await check() for name, check in running.built.evidence.items()}
    assert [results[SEALED].verdict, results[SCRUBBED].verdict] == ["kept", "kept"]


async def test_checks_find_a_planted_breach(running: Running) -> None:
    """A part in the clear and a box left behind are found, each with its id."""
    quote = await running.requested()
    await erase(running, quote)
    await running.ground.pool.execute(INSPECTION["plant_breach"], b"Zo Canary")
    results = {name: await check() for name, check in running.built.evidence.items()}
    scrubbed = (await running.log.load(quote))[-1].event_id
    assert [results[SEALED].events, results[SCRUBBED].events] == [(str(quote),), (str(scrubbed),)]
