"""What the law keeps no longer goes: the hold, the key, the registers and the document."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from libs.events.errors import Unavailable
from libs.events.recorded import Recorded
from libs.events.values import Category, Owner
from libs.events.vocabulary.retention import RecordErased
from libs.events.vocabulary.scrubbing import RecordScrubbed
from libs.policy.calendar import local_date
from services.billing.app.effects import Outside, store_invoice
from services.billing.domain.invoice_number import InvoiceNumber
from services.billing.store.invoice_shelf import MinioShelf
from tests.integration.services.billing.running import Running
from tests.integration.services.billing.test_orders import year_of
from tests.unit.services.billing.examples import SELLER


async def until_on(running: Running, record: UUID) -> object:
    """The last day of the record's hold."""
    return (await running.look(f"/api/orders/{record}"))["hold"]["until_on"]


async def let_go(running: Running, record: UUID) -> None:
    """Let the day after the last one come, and retention say so."""
    last_on = local_date(running.clock.now()).replace(year=year_of(running) + 7, month=12, day=31)
    running.move_to(last_on + timedelta(days=1))
    await running.calls_due(record)


@pytest.mark.policy("5.1.billing")
async def test_hold_stands_on_its_last_day(running: Running) -> None:
    """On 31 December of the seventh year nothing is released, whoever says that it is due."""
    record = await running.invoiced()
    today_on = local_date(running.clock.now())
    running.move_to(today_on.replace(year=today_on.year + 7, month=12, day=31))
    await running.calls_due(record)
    outcome = await running.retention.destroy(record, erasure=uuid4(), at=running.clock.now())
    assert ((await running.names(record))[-1], outcome.destroyed) == ("InvoiceHoldPlaced", ())


@pytest.mark.policy("5.1.billing")
async def test_hold_is_let_go_with_nobody_acting(running: Running) -> None:
    """Told that its day is past, billing releases it once, and the keyring may destroy."""
    record = await running.invoiced()
    await let_go(running, record)
    await running.calls_due(record)
    outcome = await running.retention.destroy(record, erasure=uuid4(), at=running.clock.now())
    assert (await running.names(record)).count("InvoiceHoldReleased") == 1
    assert [one.category for one in outcome.destroyed] == ["billing"]


@pytest.mark.policy("5.1.billing")
async def test_hold_that_a_later_invoice_moved_stands(running: Running) -> None:
    """What retention knew of the order's hold does not end the hold of its later invoice."""
    record = await running.ordered()
    last_on = local_date(running.clock.now()).replace(year=year_of(running) + 7, month=12, day=31)
    running.move_to(last_on)
    running.completes(record)
    await running.take_in(Owner.QUOTES)
    running.move_to(last_on + timedelta(days=1))
    await running.calls_due(record)
    outcome = await running.retention.destroy(record, erasure=uuid4(), at=running.clock.now())
    assert ((await running.names(record))[-1], outcome.destroyed) == ("InvoiceHoldPlaced", ())


@pytest.mark.policy("5.1.billing")
async def test_hold_placed_since_it_was_due_stands(running: Running) -> None:
    """A release that comes late ends no hold that was placed meanwhile."""
    record = await running.ordered()
    last_on = local_date(running.clock.now()).replace(year=year_of(running) + 7, month=12, day=31)
    running.move_to(last_on + timedelta(days=1))
    due_at = running.clock.now()
    running.clock.advance_to(due_at + timedelta(hours=1))
    running.completes(record)
    await running.take_in(Owner.QUOTES)
    await running.ground.keyring.release_hold(record, "billing", "order", at=due_at)
    outcome = await running.retention.destroy(record, erasure=uuid4(), at=running.clock.now())
    assert ([one.reason for one in outcome.held], outcome.destroyed) == (["order"], ())


async def test_term_of_another_category_releases_nothing(running: Running) -> None:
    """The end of a quote's own term is none of billing's."""
    record = await running.ordered()
    running.move_to(local_date(running.clock.now()) + timedelta(days=9 * 366))
    await running.calls_due(record, Category.QUOTE)
    assert (await running.names(record))[-1] == "InvoiceHoldPlaced"


async def test_record_never_ordered_is_left_alone(running: Running) -> None:
    """A billing key without an order has no hold of billing's to release."""
    record = uuid4()
    await running.calls_due(record)
    assert await running.names(record) == []


async def test_nothing_is_released_while_the_keyring_is_away(running: Running) -> None:
    """Everyone hears of a release only after the keyring has."""
    record = await running.invoiced()
    await running.pools.keyring.close()
    with pytest.raises(Unavailable):
        await let_go(running, record)
    assert (await running.names(record))[-1] == "InvoiceHoldPlaced"


@pytest.mark.policy("6.erasure")
async def test_document_is_gone_before_anyone_is_told(running: Running) -> None:
    """An erasure begins a scrub; it is called done only after the object is deleted."""
    record = await running.invoiced()
    await let_go(running, record)
    await running.erase(record)
    await running.take_in(Owner.RETENTION, carries_out=False)
    begun = (await running.names(record))[-1]
    await running.carry_out()
    scrubbed = (await running.log.load(record))[-1].event
    assert isinstance(scrubbed, RecordScrubbed)
    assert (begun, scrubbed.objects_deleted, await running.shelf.list_invoices()) == (
        "ScrubStarted",
        1,
        set(),
    )


@pytest.mark.policy("6.erasure")
async def test_erased_invoice_is_blank(running: Running) -> None:
    """Number, amount and VAT stay in the books; whose it was is gone, and so is the document."""
    record = await running.invoiced()
    await let_go(running, record)
    await running.erase(record)
    await running.take_in(Owner.RETENTION)
    number = (await running.look(f"/api/orders/{record}"))["invoice"]
    shown = await running.look(f"/api/invoices/{number}")
    document = await running.get(f"/api/invoices/{number}/document")
    assert (shown["party"], shown["erased"], shown["gross"]["amount"]) == (None, True, "1493.75")
    assert (shown["document"]["sha256"], document.status_code) == (None, 410)


@pytest.mark.policy("5.1.billing")
async def test_erasure_leaves_what_the_law_keeps(running: Running) -> None:
    """A request in the middle of the term leaves the invoice readable."""
    record = await running.invoiced()
    assert await running.erase(record) == ()
    await running.take_in(Owner.RETENTION)
    shown = await running.look(f"/api/orders/{record}")
    assert (shown["erased"], (await running.names(record))[-1]) == (False, "RecordScrubbed")


async def test_record_of_others_is_answered_too(running: Running) -> None:
    """The certificate waits for every owner, also for one that kept nothing."""
    record = uuid4()
    erased = RecordErased(
        erasure=uuid4(),
        cause="request",
        categories=(Category.CONSENT,),
        unreadable_since=running.clock.now(),
    )
    running.say(Owner.RETENTION, record, erased)
    await running.take_in(Owner.RETENTION)
    assert await running.names(record) == ["RecordScrubbed"]


async def test_nothing_is_stored_of_an_erased_record(running: Running) -> None:
    """A store that is carried out after the erasure stores nothing."""
    issued = await _invoiced_and_erased(running)
    await running.built.effects["store_invoice"](issued)
    assert await running.shelf.list_invoices() == set()


async def test_document_stored_during_an_erasure_goes_again(running: Running) -> None:
    """When the key is destroyed while the document is on its way, the document is taken back."""
    record = await running.invoiced()
    issued = (await running.log.load(record))[2]
    await running.shelf.erase_invoice(InvoiceNumber(year_of(running), 1))

    class DestroysMeanwhile(MinioShelf):
        async def put_invoice(self, number: InvoiceNumber, box: bytes) -> None:
            await super().put_invoice(number, box)
            at = running.clock.now()
            await running.ground.keyring.release_hold(record, "billing", "order", at=at)
            await running.retention.destroy(record, erasure=uuid4(), at=at)

    shelf = DestroysMeanwhile(running.shelf._client, running.shelf.bucket)
    outside = Outside(
        desk=running.ground.desk, keyring=running.ground.keyring, shelf=shelf, seller=SELLER
    )
    await store_invoice(issued, outside)
    assert await running.shelf.list_invoices() == set()


async def _invoiced_and_erased(running: Running) -> Recorded:
    record = await running.invoiced()
    issued = (await running.log.load(record))[2]
    await let_go(running, record)
    await running.erase(record)
    await running.take_in(Owner.RETENTION)
    return issued
