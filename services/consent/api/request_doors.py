"""The doors of rights requests: ask, confirm by the mailed link, see how far it is."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from libs.doors.caller import Caller, link_token, optional_caller
from libs.doors.idempotency import Asked, asked_once
from libs.doors.links import Links
from libs.doors.refusals import LinkForged, LinkRefused, NotSignedIn, RoleMissing
from services.consent.api.answers import send_answer
from services.consent.api.schemas import (
    RequestConfirmed,
    RequestReceived,
    RightsRequestIn,
    RightsRequestOut,
)
from services.consent.api.showing import show_request
from services.consent.app.handlers import Means, Request, confirm_request, request_right
from services.consent.app.request_links import CONFIRMATION, OUTCOME, STATUS, RequestLinks
from services.consent.domain.refusals import NoSuchRequest
from services.consent.domain.rights_request import due_on
from services.consent.projections.rights_request import RightsRequestRow
from services.consent.store.readers import ConsentReader

AskedOnce = Annotated[Asked, Depends(asked_once)]
LinkToken = Annotated[str | None, Depends(link_token)]
MaybeCaller = Annotated[Caller | None, Depends(optional_caller)]


@dataclass(frozen=True, kw_only=True)
class RequestDoors:
    """What somebody who uses a right may ask; each method is one door."""

    means: Means
    reader: ConsentReader
    links: Links
    request_links: RequestLinks

    def router(self) -> APIRouter:
        """The doors at their addresses."""
        router = APIRouter(prefix="/api/rights-requests", tags=["rights requests"])
        router.post("", status_code=202, response_model=RequestReceived)(self.ask)
        router.get("/{request}", response_model=RightsRequestOut)(self.look)
        router.post("/{request}/confirmation", status_code=202, response_model=RequestConfirmed)(
            self.confirm
        )
        return router

    async def ask(self, body: RightsRequestIn, asked: AskedOnce) -> Response:
        """Takes a request; the same answer and work whether the address is known or not."""
        if earlier := await asked.earlier():
            return earlier
        record, now = self.means.ids.new(), self.means.clock.now()
        received = RequestReceived(
            id=record,
            right=body.right,
            state="received",
            due_on=due_on(now, self.means.policy.terms.rights_request_answer),
            status_url=self.request_links.status_url(record, received_at=now),
        )
        answer = asked.answer(202, received.model_dump(mode="json"), at=now)
        request = Request(right=body.right, email=body.email, language=body.language, at=now)
        await request_right(self.means, record, request, answer)
        return send_answer(answer)

    async def confirm(self, request: UUID, asked: AskedOnce, token: LinkToken) -> Response:
        """Confirms a request by the token of the mailed link, once."""
        now = self.means.clock.now()
        self.links.read(_needed(token), CONFIRMATION, request, now=now)
        if earlier := await asked.earlier():
            return earlier
        row = await self._find(request)
        status_url = self.request_links.outcome_url(request, received_at=row.received_at)
        confirmed = RequestConfirmed(
            id=request, state="confirmed", due_on=row.due_on, status_url=status_url
        )
        answer = asked.answer(202, confirmed.model_dump(mode="json"), at=now)
        await confirm_request(self.means, request, answer)
        return send_answer(answer)

    async def look(
        self, request: UUID, response: Response, token: LinkToken, caller: MaybeCaller
    ) -> RightsRequestOut:
        """Shows how far a request is; what went and what stays by the mailed link, or to staff."""
        with_outcome = self._may_see_outcome(request, token, caller)
        row = await self._find(request)
        response.headers["Cache-Control"] = "no-store"
        return show_request(row, self.request_links, with_outcome=with_outcome)

    def _may_see_outcome(self, request: UUID, token: str | None, caller: Caller | None) -> bool:
        if caller is not None:
            return _is_staff(caller)
        return self._is_mailed(request, _needed(token))

    def _is_mailed(self, request: UUID, token: str) -> bool:
        now = self.means.clock.now()
        try:
            self.links.read(token, OUTCOME, request, now=now)
        except LinkForged:
            raise
        except LinkRefused:
            self.links.read(token, STATUS, request, now=now)
            return False
        return True

    async def _find(self, request: UUID) -> RightsRequestRow:
        row = await self.reader.find_request(request)
        if row is None:
            message = "no rights request is kept under this id"
            raise NoSuchRequest(message)
        return row


def _is_staff(caller: Caller) -> bool:
    if "staff" not in caller.roles:
        message = "this call needs the role staff, or a link of the request"
        raise RoleMissing(message)
    return True


def _needed(token: str | None) -> str:
    if token is None:
        message = "open the link in your mail; the token in it is missing here"
        raise NotSignedIn(message)
    return token
