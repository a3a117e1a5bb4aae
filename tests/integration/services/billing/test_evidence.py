"""The checks of the policy, over real books: kept, broken with the events, nothing to check."""

from datetime import timedelta
from uuid import uuid4

import pytest

from libs.events.values import Owner
from libs.policy.evidence import CheckResult
from services.billing.app.evidence import COMPLETE, HELD, SCRUBBED, SEALED
from services.billing.domain.invoice_number import InvoiceNumber
from tests.integration.services.billing.running import INSPECTION, Running
from tests.integration.services.billing.test_letting_go import let_go
from tests.integration.services.billing.test_orders import year_of


async def measured(running: Running) -> dict[str, CheckResult]:
    """What every check sees now."""
    return {name: await check() for name, check in running.built.evidence.items()}


async def verdicts(running: Running) -> dict[str, str]:
    """The verdict of every check now."""
    return {name: str(one.verdict) for name, one in (await measured(running)).items()}


async def test_checks_say_when_there_is_nothing(running: Running) -> None:
    """A check over empty books does not claim that a promise is kept."""
    assert set((await verdicts(running)).values()) == {"nothing_to_check"}


async def test_checks_see_that_all_is_well(running: Running) -> None:
    """Sound books are seen as kept promises, with an order that is not invoiced yet."""
    await running.invoiced()
    await running.ordered()
    assert await verdicts(running) == {
        SEALED: "kept",
        COMPLETE: "kept",
        HELD: "kept",
        SCRUBBED: "nothing_to_check",
    }


async def test_checks_follow_a_whole_life(running: Running) -> None:
    """After the term and the erasure the promises are kept still."""
    record = await running.invoiced()
    await let_go(running, record)
    await running.erase(record)
    await running.take_in(Owner.RETENTION)
    running.move_to(running.clock.now().date() + timedelta(days=30))
    assert await verdicts(running) == {
        SEALED: "kept",
        COMPLETE: "kept",
        HELD: "kept",
        SCRUBBED: "kept",
    }


async def test_document_on_its_way_is_not_missing(running: Running) -> None:
    """An effect that is still owed is counted as waiting."""
    record = await running.ordered()
    running.completes(record)
    await running.take_in(Owner.QUOTES, carries_out=False)
    result = (await measured(running))[COMPLETE]
    assert (result.verdict, result.figures["documents_waiting"]) == ("kept", 1)


@pytest.mark.policy("2.compliance")
async def test_missing_document_is_found(running: Running) -> None:
    """An invoice without its document is shown by the event that issued it."""
    record = await running.invoiced()
    await running.shelf.erase_invoice(InvoiceNumber(year_of(running), 1))
    issued = (await running.log.load(record))[2]
    result = (await measured(running))[COMPLETE]
    assert (result.verdict, result.events) == ("broken", (str(issued.event_id),))


@pytest.mark.policy("2.compliance")
async def test_unreadable_document_is_found(running: Running) -> None:
    """A document that does not open under its key is a breach, not a document."""
    await running.invoiced()
    await running.shelf.put_invoice(InvoiceNumber(year_of(running), 1), b"not a box")
    result = (await measured(running))[COMPLETE]
    assert (result.verdict, result.figures["documents_unreadable"]) == ("broken", 1)


@pytest.mark.policy("2.compliance")
async def test_lost_number_is_found(running: Running) -> None:
    """A number that was taken and stands on no invoice is a gap."""
    await running.invoiced()
    await running.ground.pool.execute(INSPECTION["plant_lost_number"])
    result = (await measured(running))[COMPLETE]
    assert (result.verdict, result.figures["numbers_lost"]) == ("broken", 1)


@pytest.mark.policy("5.1.billing")
async def test_wrong_date_is_found(running: Running) -> None:
    """A hold that would end too early is shown by the invoice it is of."""
    record = await running.invoiced()
    await running.ground.pool.execute(INSPECTION["plant_early_date"], record)
    result = (await measured(running))[HELD]
    assert (result.verdict, result.figures["wrong_date"]) == ("broken", 1)


@pytest.mark.policy("5.1.billing")
async def test_unreadable_inside_the_term_is_found(running: Running) -> None:
    """A held record whose key is gone is a breach, however it came to that."""
    record = await running.invoiced()
    at = running.clock.now()
    await running.ground.keyring.release_hold(record, "billing", "order", at=at)
    await running.retention.destroy(record, erasure=uuid4(), at=at)
    running.ground.keyring.revoke(record)
    result = (await measured(running))[HELD]
    assert (result.verdict, result.figures["unreadable_inside_term"]) == ("broken", 1)


@pytest.mark.policy("5.1.billing")
async def test_readable_past_the_term_is_found(running: Running) -> None:
    """A record that was let go and is still readable days later is a breach."""
    record = await running.invoiced()
    await let_go(running, record)
    running.move_to(running.clock.now().date() + timedelta(days=3))
    result = (await measured(running))[HELD]
    assert (result.verdict, result.figures["readable_past_term"]) == ("broken", 1)


@pytest.mark.policy("1.1.company")
async def test_plaintext_is_found(running: Running) -> None:
    """A part in the clear is found, with the fact it is of."""
    record = await running.ordered()
    await running.ground.pool.execute(INSPECTION["plant_plaintext"], record, b"Zo Canary")
    placed = (await running.log.load(record))[0].event_id
    result = (await measured(running))[SEALED]
    assert (result.verdict, result.events) == ("broken", (str(placed),))


@pytest.mark.policy("6.erasure")
async def test_object_left_behind_is_found(running: Running) -> None:
    """A document that lies there after the erasure is a breach."""
    record = await running.invoiced()
    await let_go(running, record)
    place = InvoiceNumber(year_of(running) - 8, 1)
    await running.erase(record)
    await running.take_in(Owner.RETENTION)
    await running.shelf.put_invoice(place, b"left")
    result = (await measured(running))[SCRUBBED]
    assert (result.verdict, result.figures["objects_left"]) == ("broken", 1)
