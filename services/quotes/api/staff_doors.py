"""The doors of staff: list, offer, start and complete."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from libs.doors.caller import needs
from libs.doors.idempotency import Asked, asked_once
from libs.doors.paging import PageAsked
from libs.policy.calendar import local_date
from services.quotes.api.answers import send_answer
from services.quotes.api.schemas import CompletionIn, OfferIn, QuoteMoved, QuotePage
from services.quotes.api.showing import show_summary
from services.quotes.app.handlers import Means, complete_project, handle_keyless
from services.quotes.app.opening import open_details
from services.quotes.domain.quote import OfferQuote, StartProject
from services.quotes.store.quote_status_table import QuoteReader

AskedOnce = Annotated[Asked, Depends(asked_once)]


@dataclass(frozen=True, kw_only=True)
class StaffDoors:
    """What staff may ask; each method is one door, and every one needs the role."""

    means: Means
    reader: QuoteReader

    def router(self) -> APIRouter:
        """The doors at their addresses."""
        staff_only = [Depends(needs("staff"))]
        router = APIRouter(prefix="/api/quotes", tags=["staff"], dependencies=staff_only)
        router.get("", response_model=QuotePage)(self.list_quotes)
        router.post("/{quote}/offer", response_model=QuoteMoved)(self.offer)
        router.post("/{quote}/project/start", response_model=QuoteMoved)(self.start)
        router.post("/{quote}/project/completion", response_model=QuoteMoved)(self.complete)
        return router

    async def list_quotes(self, page: PageAsked) -> Response:
        """Lists quotes, newest first; one trip to the keyring opens the whole page."""
        before = UUID(page.after[0]) if page.after else None
        rows = await self.reader.list_quotes(before, page.limit + 1)
        shown = rows[: page.limit]
        boxes = {row.record: row.details for row in shown if row.details}
        opened = await open_details(self.means.keyring, boxes)
        items = [show_summary(row, opened.get(row.record)) for row in shown]
        is_last = len(rows) <= page.limit
        response = page.answer(items, next_after=None if is_last else (str(shown[-1].record),))
        response.headers["Cache-Control"] = "no-store"
        return response

    async def offer(self, quote: UUID, body: OfferIn, asked: AskedOnce) -> Response:
        """Makes an offer; the customer gets a mail with the links to answer it."""
        command = OfferQuote(
            amount=body.amount.money, valid_until_on=body.valid_until_on, today_on=self._today()
        )
        return await self._move(quote, "offered", asked, partial(handle_keyless, command=command))

    async def start(self, quote: UUID, asked: AskedOnce) -> Response:
        """Says that the work began."""
        begin = partial(handle_keyless, command=StartProject())
        return await self._move(quote, "started", asked, begin)

    async def complete(self, quote: UUID, body: CompletionIn, asked: AskedOnce) -> Response:
        """Says that the work was delivered; the invoice follows."""
        complete = partial(complete_project, delivered_on=body.delivered_on)
        return await self._move(quote, "completed", asked, complete)

    async def _move(
        self, quote: UUID, status: str, asked: Asked, move: Callable[..., Awaitable[None]]
    ) -> Response:
        if earlier := await asked.earlier():
            return earlier
        body = {"id": str(quote), "status": status}
        answer = asked.answer(200, body, at=self.means.clock.now())
        await move(self.means, quote, answer=answer)
        return send_answer(answer)

    def _today(self) -> date:
        return local_date(self.means.clock.now())
