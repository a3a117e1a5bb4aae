"""The doors of staff: orders and invoices, whose they are while that can be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Response

from libs.doors.caller import needs
from libs.doors.paging import PageAsked
from libs.events.seal import open_box
from libs.events.vocabulary.quotes import BillingParty
from libs.keyring.keyring import Keyring
from services.billing.api.schemas import InvoiceOut, InvoicePage, OrderOut, OrderPage
from services.billing.api.showing import show_invoice, show_order, show_place, show_summary
from services.billing.app.opening import billing_key, open_parties
from services.billing.app.ports import InvoiceShelf
from services.billing.domain.invoice_document import InvoiceDocument
from services.billing.domain.invoice_number import InvoiceNumber, read_number
from services.billing.domain.refusals import (
    DocumentErased,
    DocumentNotStored,
    InvoiceUnknown,
    OrderUnknown,
)
from services.billing.projections.invoice_register import InvoiceEntry
from services.billing.projections.order_register import OrderEntry
from services.billing.store.hold_table import HoldReader
from services.billing.store.invoice_register_table import InvoiceReader
from services.billing.store.order_register_table import OrderReader


@dataclass(frozen=True, kw_only=True)
class StaffDoors:
    """What staff may ask; each method is one door, and every one needs the role."""

    keyring: Keyring
    orders: OrderReader
    invoices: InvoiceReader
    holds: HoldReader
    shelf: InvoiceShelf

    def router(self) -> APIRouter:
        """The doors at their addresses."""
        router = APIRouter(prefix="/api", tags=["staff"], dependencies=[Depends(needs("staff"))])
        router.get("/orders", response_model=OrderPage)(self.list_orders)
        router.get("/orders/{order}", response_model=OrderOut)(self.look_at_order)
        router.get("/invoices", response_model=InvoicePage)(self.list_invoices)
        router.get("/invoices/{number}", response_model=InvoiceOut)(self.look_at_invoice)
        router.get("/invoices/{number}/document")(self.read_document)
        return router

    async def list_orders(self, page: PageAsked) -> Response:
        """Lists orders, newest first; one trip to the keyring opens the whole page."""
        before = UUID(page.after[0]) if page.after else None
        rows = await self.orders.list_orders(before, page.limit + 1)
        shown = rows[: page.limit]
        parties = await self._parties(shown)
        holds = await self.holds.find_holds([row.record for row in shown])
        items = [show_order(it, parties.get(it.record), holds.get(it.record)) for it in shown]
        next_after = None if len(rows) <= page.limit else (str(shown[-1].record),)
        return _private(page.answer(items, next_after=next_after))

    async def look_at_order(self, order: UUID, response: Response) -> OrderOut:
        """Shows one order: whose it is, its invoice, and until when the law keeps it."""
        row = (await self.orders.find_orders([order])).get(order)
        if row is None:
            raise OrderUnknown
        parties = await self._parties([row])
        holds = await self.holds.find_holds([order])
        _private(response)
        return show_order(row, parties.get(order), holds.get(order))

    async def list_invoices(self, page: PageAsked) -> Response:
        """Lists invoices, newest number first."""
        before = (int(page.after[0]), int(page.after[1])) if page.after else None
        rows = await self.invoices.list_invoices(before, page.limit + 1)
        shown = rows[: page.limit]
        parties = await self._parties(shown)
        items = [show_summary(row, parties.get(row.record)) for row in shown]
        is_last = len(rows) <= page.limit
        next_after = None if is_last else (shown[-1].year, shown[-1].sequence)
        return _private(page.answer(items, next_after=next_after))

    async def look_at_invoice(self, number: str, response: Response) -> InvoiceOut:
        """Shows one invoice, where its sealed document lies and the digest of what lies there."""
        row = await self._invoice(number)
        parties = await self._parties([row])
        holds = await self.holds.find_holds([row.record])
        place = InvoiceNumber(row.year, row.sequence)
        document = show_place(self.shelf.bucket, place, await self.shelf.read_invoice(place))
        _private(response)
        return show_invoice(row, parties.get(row.record), holds.get(row.record), document)

    async def read_document(self, number: str) -> Response:
        """Opens the stored document, as it was issued."""
        row = await self._invoice(number)
        key = await billing_key(self.keyring, row.record)
        if key is None:
            raise DocumentErased
        box = await self.shelf.read_invoice(InvoiceNumber(row.year, row.sequence))
        if box is None:
            raise DocumentNotStored
        document = open_box(box, InvoiceDocument, row.record, key.secret)
        content = msgspec.json.encode(document)
        return _private(Response(content, media_type="application/json"))

    async def _invoice(self, number: str) -> InvoiceEntry:
        row = await self.invoices.find_invoice(number) if read_number(number) else None
        if row is None:
            raise InvoiceUnknown
        return row

    async def _parties(self, rows: Iterable[OrderEntry | InvoiceEntry]) -> dict[UUID, BillingParty]:
        boxes = {row.record: row.party for row in rows if row.party is not None}
        return await open_parties(self.keyring, boxes)


def _private(response: Response) -> Response:
    """The response, never to be kept on its way."""
    response.headers["Cache-Control"] = "no-store"
    return response
