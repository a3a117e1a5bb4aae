"""What must happen outside Postgres because of a fact of billing; each may be done twice."""

from dataclasses import dataclass

import structlog

from libs.events.handle import Desk
from libs.events.log import EFFECTS
from libs.events.recorded import Recorded
from libs.events.seal import Header, open_box, seal_part
from libs.events.values import Category
from libs.events.vocabulary.billing import InvoiceHoldPlaced, InvoiceIssued
from libs.events.vocabulary.quotes import BillingParty
from libs.events.vocabulary.scrubbing import ScrubStarted
from libs.keyring.keyring import Keyring
from libs.keyring.keys import DataKey
from libs.keyring.openings import HoldRequest, RecordErased
from services.billing.app.figures import HOLDS_TOO_LATE
from services.billing.app.opening import billing_key
from services.billing.app.ports import InvoiceShelf
from services.billing.domain.invoice_document import Seller, invoice_document
from services.billing.domain.invoice_number import InvoiceNumber, read_number
from services.billing.domain.order import ORDER, FinishScrub

LOG = structlog.get_logger("billing")
PLACE_HOLD = "place_hold"
STORE_INVOICE = "store_invoice"
SCRUB = "scrub"
OWED: EFFECTS = {
    InvoiceHoldPlaced: (PLACE_HOLD,),
    InvoiceIssued: (STORE_INVOICE,),
    ScrubStarted: (SCRUB,),
}
"""Which effects each fact owes."""

DOCUMENT_PART = "document"


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What effects reach."""

    desk: Desk
    keyring: Keyring
    shelf: InvoiceShelf
    seller: Seller


async def place_hold(fact: Recorded, outside: Outside) -> None:
    """Places the hold at the keyring, instead of an earlier one of the same reason.

    Shape: for a key that is destroyed already nothing is done, which is counted and logged.
    """
    if not isinstance(fact.event, InvoiceHoldPlaced):
        return
    placed = fact.event
    hold = HoldRequest(placed.category, placed.reason, placed.basis, placed.until_on)
    try:
        await outside.keyring.place_hold(fact.record, hold.category, hold, at=fact.recorded_at)
    except RecordErased:
        HOLDS_TOO_LATE.inc()
        LOG.error("hold_too_late", record=str(fact.record), event_id=str(fact.event_id))  # noqa: TRY400 - no fault of ours to trace


async def store_invoice(fact: Recorded, outside: Outside) -> None:
    """Renders the invoice once and keeps it sealed; what lies there already stays as it is.

    Shape: nothing is kept of a record whose key is destroyed, also when that happens meanwhile.
    """
    if not isinstance(fact.event, InvoiceIssued):
        return
    number = _number(fact.event.number)
    key = await billing_key(outside.keyring, fact.record)
    if key is None or await outside.shelf.read_invoice(number) is not None:
        return
    await outside.shelf.put_invoice(number, _sealed(fact, fact.event, outside.seller, key))
    outside.keyring.revoke(fact.record)
    if await billing_key(outside.keyring, fact.record) is None:
        await outside.shelf.erase_invoice(number)


async def scrub(fact: Recorded, outside: Outside) -> None:
    """Deletes the documents of an erased record, then says that it is scrubbed.

    Shape: when it is done again after a crash, what the first run deleted is not counted again.
    """
    if not isinstance(fact.event, ScrubStarted):
        return
    history = await outside.desk.log.load(fact.record)
    order = ORDER.fold(one.event for one in history)
    deleted = await outside.shelf.erase_invoice(_number(order.number)) if order.number else 0
    command = FinishScrub(erasure=fact.event.erasure, objects_deleted=deleted)
    await outside.desk.handle(fact.record, command, ORDER)


def _sealed(fact: Recorded, issued: InvoiceIssued, seller: Seller, key: DataKey) -> bytes:
    party = open_box(issued.party.box, BillingParty, fact.record, key.secret)
    header = Header(
        event_id=fact.event_id,
        name=fact.name,
        schema_version=fact.schema_version,
        category=Category.BILLING,
        part=DOCUMENT_PART,
    )
    document = invoice_document(issued, party=party, seller=seller)
    return seal_part(document, header, fact.record, key.secret)


def _number(text: str) -> InvoiceNumber:
    number = read_number(text)
    if number is None:
        message = f"{text} is no invoice number of ours"
        raise ValueError(message)
    return number
