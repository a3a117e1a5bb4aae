"""The doors of customers: ask, look, accept, refuse; by a link, without an account."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from libs.doors.caller import Caller, link_token, optional_caller
from libs.doors.idempotency import Asked, asked_once
from libs.doors.links import LinkClaims, Links
from libs.doors.refusals import NotSignedIn, RoleMissing
from libs.events.ids import Ids
from libs.policy.calendar import local_date
from services.quotes.api.answers import send_answer
from services.quotes.api.schemas import AcceptanceIn, QuoteIn, QuoteMoved, QuoteOut, QuoteReceived
from services.quotes.api.showing import show_quote
from services.quotes.app.handlers import (
    Acceptance,
    Means,
    accept_quote,
    handle_keyless,
    request_quote,
)
from services.quotes.app.keeping import kept_of
from services.quotes.app.opening import open_details
from services.quotes.app.quote_links import OFFER, STATUS, QuoteLinks
from services.quotes.domain.quote import DeclineQuote, RequestQuote
from services.quotes.domain.refusals import QuoteUnknown
from services.quotes.store.quote_status_table import QuoteReader

AskedOnce = Annotated[Asked, Depends(asked_once)]
LinkToken = Annotated[str | None, Depends(link_token)]
MaybeCaller = Annotated[Caller | None, Depends(optional_caller)]


@dataclass(frozen=True, kw_only=True)
class CustomerDoors:
    """What a customer may ask; each method is one door."""

    means: Means
    reader: QuoteReader
    ids: Ids
    links: Links
    quote_links: QuoteLinks

    def router(self) -> APIRouter:
        """The doors at their addresses."""
        router = APIRouter(prefix="/api/quotes", tags=["customer"])
        router.post("", status_code=201, response_model=QuoteReceived)(self.ask)
        router.get("/{quote}", response_model=QuoteOut)(self.look)
        router.post("/{quote}/acceptance", response_model=QuoteMoved)(self.accept)
        router.post("/{quote}/refusal", response_model=QuoteMoved)(self.refuse)
        return router

    async def ask(self, body: QuoteIn, asked: AskedOnce) -> Response:
        """Asks for a price; the answer holds the link to look at it."""
        if earlier := await asked.earlier():
            return earlier
        record, now = self.ids.new(), self.means.clock.now()
        status_url = self.quote_links.status_url(record, since=now)
        answer = asked.answer(201, {"id": str(record), "status_url": status_url}, at=now)
        command = RequestQuote(language=body.language, details=body.details())
        await request_quote(self.means, record, command, answer)
        return send_answer(answer)

    async def look(
        self, quote: UUID, response: Response, token: LinkToken, caller: MaybeCaller
    ) -> QuoteOut:
        """Shows a quote to who has its link, or to staff: what became of it and what is kept."""
        self._may_look(quote, token, caller)
        status = await self.reader.find_quote(quote)
        if status is None:
            raise QuoteUnknown
        boxes = {quote: status.details} if status.details else {}
        opened = await open_details(self.means.keyring, boxes)
        response.headers["Cache-Control"] = "no-store"
        return show_quote(status, opened.get(quote), kept_of(status, self.means.policy))

    async def accept(
        self, quote: UUID, asked: AskedOnce, token: LinkToken, body: AcceptanceIn | None = None
    ) -> Response:
        """Accepts the offer of the link; names whom to invoice where the request did not."""
        claims = self._read(token, OFFER, quote)
        if earlier := await asked.earlier():
            return earlier
        answer = asked.answer(200, _moved(quote, "accepted"), at=self.means.clock.now())
        party = (body or AcceptanceIn()).party.given()
        acceptance = Acceptance(offer=int(claims.nonce), party=party)
        await accept_quote(self.means, quote, acceptance, answer)
        return send_answer(answer)

    async def refuse(self, quote: UUID, asked: AskedOnce, token: LinkToken) -> Response:
        """Refuses the offer of the link."""
        claims = self._read(token, OFFER, quote)
        if earlier := await asked.earlier():
            return earlier
        now = self.means.clock.now()
        answer = asked.answer(200, _moved(quote, "declined"), at=now)
        command = DeclineQuote(offer=int(claims.nonce), today_on=local_date(now))
        await handle_keyless(self.means, quote, command, answer)
        return send_answer(answer)

    def _may_look(self, quote: UUID, token: str | None, caller: Caller | None) -> None:
        if caller is None:
            self._read(token, STATUS, quote)
        elif "staff" not in caller.roles:
            message = "this call needs the role staff, or the link of the quote"
            raise RoleMissing(message)

    def _read(self, token: str | None, purpose: str, quote: UUID) -> LinkClaims:
        if token is None:
            message = "open the link in your mail; the token in it is missing here"
            raise NotSignedIn(message)
        return self.links.read(token, purpose, quote, now=self.means.clock.now())


def _moved(quote: UUID, status: str) -> dict[str, str]:
    return {"id": str(quote), "status": status}
