"""What billing does when it hears others."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from libs.events.personal import Personal
from libs.events.recorded import Recorded
from libs.events.seal import open_box
from libs.events.values import Category, Owner
from libs.events.vocabulary.billing import InvoiceHoldPlaced, OrderPlaced
from libs.events.vocabulary.quotes import BillingParty, ProjectCompleted, QuoteAccepted
from libs.events.vocabulary.retention import RecordDue, RecordErased, ScrubAskedAgain
from libs.events.work import Work
from libs.keyring.keyring import Keyring
from libs.keyring.keys import DataKey
from libs.keyring.openings import HoldRequest
from libs.keyring.openings import RecordErased as RecordAlreadyErased
from libs.policy.calendar import local_date
from services.billing.app.figures import HOLDS_RELEASED, ORDERS_ERASED_FIRST
from services.billing.app.opening import billing_key
from services.billing.app.ports import TakesNumbers
from services.billing.app.vat_numbers import issuing_country
from services.billing.domain.hold import HOLD_REASON, HoldRule
from services.billing.domain.order import (
    ORDER,
    BeginScrub,
    IssueInvoice,
    PlaceOrder,
    ReleaseHold,
    billable,
)
from services.billing.domain.refusals import OrderErased
from services.billing.domain.vat import decide_vat

LOG = structlog.get_logger("billing")


async def on_quote_accepted(
    heard: Recorded, work: Work, *, keyring: Keyring, hold: HoldRule
) -> None:
    """Places the order, its billing party sealed anew under the same key.

    Shape: when that key was destroyed already nothing is recorded, which is counted and logged.
    Raises: Unreadable, when the party cannot be opened; the message is to be parked.
    """
    if not isinstance(heard.event, QuoteAccepted):
        return
    key = await billing_key(keyring, heard.record)
    if key is None:
        ORDERS_ERASED_FIRST.inc()
        LOG.error("order_erased_first", record=str(heard.record), event_id=str(heard.event_id))
        return
    party = open_box(heard.event.party.box, BillingParty, heard.record, key.secret)
    command = PlaceOrder(
        placed_on=local_date(heard.recorded_at),
        amount=heard.event.amount,
        language=heard.event.language,
        party=Personal(party),
        hold=hold,
    )
    await work.handle(heard.record, command, ORDER, cause=heard, secrets=_secrets(key))


async def on_project_completed(
    heard: Recorded, work: Work, *, keyring: Keyring, hold: HoldRule, numbers: TakesNumbers
) -> None:
    """Issues the invoice of delivered work, once.

    Raises: OrderMissing or OrderErased, when there is nothing to invoice.
    Why:    the keyring has the last word: its hold stands before the invoice, also where an earlier
            one was released. The number is taken last and inside a savepoint, so that whatever
            fails gives it back.
    """
    if not isinstance(heard.event, ProjectCompleted):
        return
    history = await work.history(heard.record)
    order = ORDER.fold(one.event for one in history)
    if order.number is not None:
        return
    billable(order)
    key = await billing_key(keyring, heard.record)
    if key is None:
        raise _key_destroyed(heard.record)
    party = open_box(_ordered_box(history), BillingParty, heard.record, key.secret)
    vat = decide_vat(
        buyer_country=party.address.country,
        vat_number_country=issuing_country(party.vat_number),
        supplied_on=heard.event.delivered_on,
    )
    now = work.stamp.clock.now()
    today_on = local_date(now)
    placed = hold.placed(today_on, not_before=order.held_until_on)
    await _hold_first(keyring, heard.record, placed, at=now)
    async with work.connection.transaction():
        number = await numbers.take_number(work.connection, today_on.year)
        command = IssueInvoice(
            number=str(number),
            issued_on=today_on,
            supplied_on=heard.event.delivered_on,
            vat=vat,
            line=neutral_line(heard.record),
            party=Personal(party),
            hold=hold,
        )
        await work.handle(heard.record, command, ORDER, cause=heard, secrets=_secrets(key))


async def on_record_due(heard: Recorded, work: Work, *, keyring: Keyring) -> None:
    """Releases the hold whose last day retention says is past: at the keyring first, then to all.

    Shape:  the day is the one on which retention said it; billing has no clock of its own for this.
    Raises: HoldStillRuns, when a later invoice moved the last day: retention will say so again.
            KeyringUnavailable: nobody was told, the message is to come again.
    Why:    who hears of the release destroys the key, so the keyring must know of it before; and it
            counts from the moment it was due, so that a hold placed since then stands.
    Source: clause 5.1.billing; D9, D10.
    """
    if not isinstance(heard.event, RecordDue) or heard.event.category != Category.BILLING:
        return
    command = ReleaseHold(today_on=local_date(heard.recorded_at))
    history = await work.history(heard.record)
    if not ORDER.decide(command, ORDER.fold(one.event for one in history)):
        return
    at = heard.recorded_at
    await keyring.release_hold(heard.record, Category.BILLING, HOLD_REASON, at=at)
    await work.handle(heard.record, command, ORDER, cause=heard)
    HOLDS_RELEASED.inc()


async def on_record_erased(heard: Recorded, work: Work, *, keyring: Keyring) -> None:
    """Forgets the key it remembers, and scrubs: at once, or after the documents are deleted.

    Shape: also answers for a record that was never ordered; the certificate waits for it.
    Source: D9; clause 6.erasure.
    """
    if not isinstance(heard.event, RecordErased):
        return
    keyring.revoke(heard.record)
    command = BeginScrub(erasure=heard.event.erasure, categories=heard.event.categories)
    await work.handle(heard.record, command, ORDER, cause=heard)


async def on_scrub_asked_again(heard: Recorded, work: Work, *, keyring: Keyring) -> None:
    """Scrubs and answers once more when retention has waited for billing in vain.

    Shape:  nothing while documents are being deleted; the answer follows that.
    Source: D9.
    """
    event = heard.event
    if not isinstance(event, ScrubAskedAgain) or Owner.BILLING not in event.silent:
        return
    keyring.revoke(event.record)
    command = BeginScrub(erasure=heard.record, categories=event.categories, again=True)
    await work.handle(event.record, command, ORDER, cause=heard)


async def _hold_first(
    keyring: Keyring, record: UUID, placed: InvoiceHoldPlaced, *, at: datetime
) -> None:
    hold = HoldRequest(placed.category, placed.reason, placed.basis, placed.until_on)
    try:
        await keyring.place_hold(record, hold.category, hold, at=at)
    except RecordAlreadyErased:
        raise _key_destroyed(record) from None


def _key_destroyed(record: UUID) -> OrderErased:
    return OrderErased(f"the billing key of record {record} is destroyed: nothing was invoiced")


def neutral_line(record: UUID) -> str:
    """The line of an invoice: nothing of the brief, only what finds the record again.

    Why: the document outlives the quote by years.
    """
    return f"3D asset, ref. Q-{str(record)[-8:]}"


def _ordered_box(history: Sequence[Recorded]) -> bytes:
    placed = next(one.event for one in history if isinstance(one.event, OrderPlaced))
    return placed.party.box


def _secrets(key: DataKey) -> dict[str, bytes]:
    return {key.category: key.secret}
