"""Accepted quotes become orders under hold, and delivered work becomes invoices."""

from uuid import uuid4

import msgspec
import pytest

from libs.events.values import Owner
from libs.events.vocabulary.quotes import ProjectCompleted
from libs.keyring.openings import HoldRequest
from libs.policy.calendar import local_date
from services.billing.app.figures import ORDERS_ERASED_FIRST
from services.billing.domain.invoice_number import InvoiceNumber
from tests.integration.services.billing.running import ADDRESS, INSPECTION, PARTY, Running


def year_of(running: Running) -> int:
    """The year that invoices are issued in now."""
    return local_date(running.clock.now()).year


async def test_accepted_quote_becomes_one_order(running: Running) -> None:
    """An acceptance heard twice makes one order and one hold."""
    record = await running.ordered()
    assert await running.names(record) == ["OrderPlaced", "InvoiceHoldPlaced"]


@pytest.mark.policy("5.1.billing")
async def test_order_is_held_at_the_keyring_to_its_date(running: Running) -> None:
    """The keyring knows the date, and an erasure leaves the billing key alone."""
    record = await running.ordered()
    outcome = await running.retention.destroy(record, erasure=uuid4(), at=running.clock.now())
    (held,) = outcome.held
    assert (outcome.destroyed, held.reason, held.until_on) == (
        (),
        "order",
        local_date(running.clock.now()).replace(year=year_of(running) + 7, month=12, day=31),
    )


async def test_order_shows_its_party_and_hold(running: Running) -> None:
    """Staff see whom to invoice and until when that is kept."""
    shown = await running.look(f"/api/orders/{await running.ordered()}")
    assert (shown["party"]["name"], shown["hold"]["state"], shown["amount"]["amount"]) == (
        PARTY.name,
        "held",
        "1234.50",
    )


async def test_nothing_is_ordered_when_the_key_is_gone(running: Running) -> None:
    """An acceptance overtaken by an erasure makes no order, and is counted."""
    before = ORDERS_ERASED_FIRST._value.get()
    record = await running.accepted()
    await running.ground.keyring.release_hold(record, "billing", "order", at=running.clock.now())
    await running.retention.destroy(record, erasure=uuid4(), at=running.clock.now())
    await running.take_in(Owner.QUOTES)
    assert (await running.names(record), ORDERS_ERASED_FIRST._value.get() - before) == ([], 1)


async def test_delivery_without_an_order_takes_no_number(running: Running) -> None:
    """Work that was never ordered here is refused, and counting goes on without a gap."""
    record = uuid4()
    delivered = ProjectCompleted(delivered_on=local_date(running.clock.now()))
    running.say(Owner.QUOTES, record, delivered)
    await running.take_in(Owner.QUOTES)
    invoiced = await running.look(f"/api/orders/{await running.invoiced()}")
    assert (await running.names(record), invoiced["invoice"]) == (
        [],
        f"{year_of(running)}-000001",
    )


@pytest.mark.policy("2.compliance")
async def test_delivered_work_is_invoiced_once(running: Running) -> None:
    """Each order gets the next number and keeps it, however often its delivery is heard."""
    first, second = await running.invoiced(), await running.invoiced()
    numbers = [(await running.look(f"/api/orders/{it}"))["invoice"] for it in (first, second)]
    year = year_of(running)
    assert (numbers, await running.names(first)) == (
        [f"{year}-000001", f"{year}-000002"],
        ["OrderPlaced", "InvoiceHoldPlaced", "InvoiceIssued", "InvoiceHoldPlaced"],
    )


async def test_invoice_shows_where_its_document_lies(running: Running) -> None:
    """Staff see the number, the VAT and the digest of the stored bytes."""
    await running.invoiced()
    number = f"{year_of(running)}-000001"
    shown = await running.look(f"/api/invoices/{number}")
    assert (shown["vat"]["amount"]["amount"], shown["gross"]["amount"]) == ("259.25", "1493.75")
    assert len(shown["document"]["sha256"]) == 64


async def test_document_opens_as_issued(running: Running) -> None:
    """The stored document names its buyer, and lies sealed."""
    await running.invoiced()
    number = f"{year_of(running)}-000001"
    document = await running.look(f"/api/invoices/{number}/document")
    box = await running.shelf.read_invoice(InvoiceNumber(year_of(running), 1))
    assert (document["buyer"]["name"], b"Canary" in (box or b"")) == (PARTY.name, False)


async def test_stored_document_is_never_rendered_again(running: Running) -> None:
    """A repeated effect leaves the bytes as they are."""
    record = await running.invoiced()
    place = InvoiceNumber(year_of(running), 1)
    before = await running.shelf.read_invoice(place)
    issued = (await running.log.load(record))[2]
    await running.built.effects["store_invoice"](issued)
    assert await running.shelf.read_invoice(place) == before


async def test_business_abroad_is_reverse_charged(running: Running) -> None:
    """A German business with a German number pays no Dutch VAT, and the invoice says why."""
    party = msgspec.structs.replace(
        PARTY,
        vat_number="DE136695976",
        address=msgspec.structs.replace(ADDRESS, country="DE"),
    )
    await running.invoiced(party)
    (shown,) = (await running.look("/api/invoices"))["items"]
    assert (shown["vat"]["note"], shown["vat"]["amount"]["amount"]) == (
        "VAT reverse-charged / btw verlegd",
        "0.00",
    )


@pytest.mark.policy("1.1.company")
async def test_nothing_readable_lies_in_the_database(running: Running) -> None:
    """Log and registers hold boxes only."""
    record = await running.invoiced()
    rows = await running.ground.pool.fetch(INSPECTION["read_everything"], record)
    text = "".join(str(row[0]) for row in rows)
    assert [it for it in ("Canary", "canary", "Utrecht") if it in text] == []


async def test_late_placement_changes_no_newer_hold(running: Running) -> None:
    """An effect that is carried out long after its fact does not bring an old hold back."""
    record = await running.invoiced()
    first = (await running.log.load(record))[1]
    newest = HoldRequest(category="billing", reason="order", basis="newest")
    await running.ground.keyring.place_hold(record, "billing", newest, at=running.clock.now())
    await running.built.effects["place_hold"](first)
    outcome = await running.retention.destroy(record, erasure=uuid4(), at=running.clock.now())
    assert [held.basis for held in outcome.held] == ["newest"]
