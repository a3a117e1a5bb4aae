"""The doors of erasures: begin one, follow it, and read its certificate."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Header, Response

from libs.doors.caller import needs
from libs.doors.idempotency import Asked, asked_once
from libs.doors.paging import PageAsked
from libs.events.clock import Clock
from libs.events.ids import Ids
from libs.keyring.blind_index import BlindIndex
from services.retention.api.answers import send_answer
from services.retention.api.schemas import (
    AddendumOut,
    CertificateOut,
    ErasureAccepted,
    ErasureIn,
    ErasureOut,
    ErasurePage,
)
from services.retention.api.showing import show_erasure
from services.retention.app.addendum import addendum_of
from services.retention.app.certificate import Certifier
from services.retention.app.handlers import StaffErasures
from services.retention.domain.refusals import (
    AddendumNotReady,
    CertificateNotReady,
    ErasureUnknown,
)
from services.retention.projections.erasure_progress import ErasureProgress
from services.retention.store.erasure_progress_table import ErasureReader

AskedOnce = Annotated[Asked, Depends(asked_once)]
Accepted = Annotated[str, Header(alias="Accept", include_in_schema=False)]
JOSE = "application/jose"
"""Source: RFC 7515 §9.2.1."""


@dataclass(frozen=True, kw_only=True)
class ErasureDoors:
    """What may be asked about erasures; each method is one door."""

    clock: Clock
    ids: Ids
    reader: ErasureReader
    erasures: StaffErasures
    certifier: Certifier
    blind_index: BlindIndex
    public_url: str

    def router(self) -> APIRouter:
        """The doors at their addresses; the certificate and the key are open, the rest is not."""
        insiders = [Depends(needs("staff", "operator", "auditor"))]
        movers = [Depends(needs("staff", "operator"))]
        router = APIRouter(prefix="/api/erasures", tags=["erasures"])
        begin = router.post(
            "", status_code=202, response_model=ErasureAccepted, dependencies=movers
        )
        begin(self.begin)
        router.get("", response_model=ErasurePage, dependencies=insiders)(self.list_erasures)
        router.get("/signing-key")(self.signing_key)
        router.get("/{erasure}", dependencies=insiders)(self.show)
        bare: Any = {200: {"content": {JOSE: {"schema": {"type": "string"}}}}}
        prove = partial(router.get, responses=bare)
        prove("/{erasure}/certificate", response_model=CertificateOut)(self.certificate)
        prove("/{erasure}/certificate/addendum", response_model=AddendumOut)(self.addendum)
        return router

    async def begin(self, body: ErasureIn, asked: AskedOnce) -> Response:
        """Erases one record, or every record of the person with this address, by the one path."""
        if earlier := await asked.earlier():
            return earlier
        records = await self._records(body)
        erasure = self.ids.new()
        url = f"{self.public_url}/api/erasures/{erasure}"
        accepted = {"id": str(erasure), "records": [str(one) for one in records], "url": url}
        answer = asked.answer(202, accepted, at=self.clock.now())
        await self.erasures.begin(erasure, records, body.reason, answer)
        return send_answer(answer)

    async def _records(self, body: ErasureIn) -> tuple[UUID, ...]:
        if body.record is not None:
            return await self.erasures.of_record(body.record)
        return await self.erasures.of_subject(self.blind_index.of_email(body.email or ""))

    async def list_erasures(self, page: PageAsked) -> Response:
        """Lists erasures, newest first."""
        before = UUID(page.after[0]) if page.after else None
        rows = await self.reader.list_erasures(before, page.limit + 1)
        shown = rows[: page.limit]
        items = [show_erasure(row, self.public_url) for row in shown]
        has_more = len(rows) > page.limit
        return page.answer(items, next_after=(str(shown[-1].erasure),) if has_more else None)

    async def show(self, erasure: UUID) -> ErasureOut:
        """Shows how far an erasure has come, and for whom it waits."""
        return show_erasure(await self._find(erasure), self.public_url)

    async def certificate(self, erasure: UUID, accept: Accepted = "*/*") -> Response:
        """Serves the signed certificate, as JSON or bare (`Accept: application/jose`).

        Why: open to whoever has the erasure's id, because a certificate names no person and the
        id cannot be guessed (UUIDv7, 74 random bits); the person gets it by mail.
        """
        row = await self._find(erasure)
        certificate = row.certificate
        if certificate is None:
            message = f"erasure {erasure} still waits for answers; ask again later"
            raise CertificateNotReady(message)
        if JOSE in accept:
            return Response(certificate, media_type=JOSE)
        added = addendum_of(row)
        body = {
            "erasure": erasure,
            "certificate": certificate,
            "content": self.certifier.read(certificate),
            "addendum": self.certifier.sign_addendum(added) if added else None,
            "addendum_content": added,
            "signing_key_url": self._signing_key_url,
        }
        return Response(msgspec.json.encode(body), media_type="application/json")

    async def addendum(self, erasure: UUID, accept: Accepted = "*/*") -> Response:
        """Serves the signed addendum: since when nothing that went can be recovered either."""
        added = addendum_of(await self._find(erasure))
        if added is None:
            message = f"no shred round has covered erasure {erasure} yet; ask again in a day"
            raise AddendumNotReady(message)
        signed = self.certifier.sign_addendum(added)
        if JOSE in accept:
            return Response(signed, media_type=JOSE)
        body = {
            "erasure": erasure,
            "addendum": signed,
            "content": added,
            "signing_key_url": self._signing_key_url,
        }
        return Response(msgspec.json.encode(body), media_type="application/json")

    @property
    def _signing_key_url(self) -> str:
        return f"{self.public_url}/api/erasures/signing-key"

    async def signing_key(self) -> Mapping[str, Any]:
        """Serves the public key that checks certificates, as a JWK."""
        return self.certifier.public_key()

    async def _find(self, erasure: UUID) -> ErasureProgress:
        row = await self.reader.find_erasure(erasure)
        if row is None:
            message = f"erasure {erasure} is not known"
            raise ErasureUnknown(message)
        return row
