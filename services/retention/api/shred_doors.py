"""The doors of shredding: where it stands, and one round now."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from libs.doors.caller import needs
from libs.doors.idempotency import Asked, asked_once
from libs.events.ids import Ids
from libs.events.log import Append, EventLog
from services.retention.api.answers import send_answer
from services.retention.api.schemas import ShredBegun, ShredOut
from services.retention.api.showing import show_shred
from services.retention.app.shred import Shredding

AskedOnce = Annotated[Asked, Depends(asked_once)]


@dataclass(frozen=True, kw_only=True)
class ShredDoors:
    """What may be asked of shredding; each method is one door."""

    log: EventLog
    ids: Ids
    shredding: Shredding

    def router(self) -> APIRouter:
        """The doors at their addresses."""
        insiders = [Depends(needs("operator", "auditor"))]
        operators = [Depends(needs("operator"))]
        router = APIRouter(prefix="/api/shred", tags=["shred"])
        router.get("", dependencies=insiders)(self.look)
        begin = router.post("", status_code=202, response_model=ShredBegun, dependencies=operators)
        begin(self.begin)
        return router

    async def look(self) -> ShredOut:
        """Shows the newest round, how far it is, and what could still be recovered from copies."""
        return show_shred(await self.shredding.look())

    async def begin(self, asked: AskedOnce) -> Response:
        """Begins a round now, unless nothing is recoverable; the same address shows how it goes."""
        if earlier := await asked.earlier():
            return earlier
        one = await self.shredding.begin()
        body: dict[str, Any] = {"round": str(one.round) if one else None}
        answer = asked.answer(202, body, at=self.shredding.clock.now())
        append = Append(record=self.ids.new(), expected_version=0, recorded=(), answer=answer)
        await self.log.append(append)
        return send_answer(answer)
