"""The door of the erasure journal: after a restore, take up what the log has forgotten."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from libs.doors.caller import needs
from libs.doors.idempotency import Asked, asked_once
from libs.events.clock import Clock
from libs.events.ids import Ids
from libs.events.log import Append, EventLog
from services.retention.api.answers import send_answer
from services.retention.api.schemas import TakenUpOut
from services.retention.app.restored import Restored

AskedOnce = Annotated[Asked, Depends(asked_once)]


@dataclass(frozen=True, kw_only=True)
class JournalDoors:
    """What an operator may ask after a restore."""

    log: EventLog
    ids: Ids
    clock: Clock
    restored: Restored

    def router(self) -> APIRouter:
        """The door at its address."""
        operators = [Depends(needs("operator"))]
        router = APIRouter(prefix="/ops", include_in_schema=False, dependencies=operators)
        router.post("/journal", response_model=TakenUpOut)(self.take_up)
        return router

    async def take_up(self, asked: AskedOnce) -> Response:
        """Begins the erasures that the journal tells and the log does not, under their own ids."""
        if earlier := await asked.earlier():
            return earlier
        said = TakenUpOut(taken_up=await self.restored.take_up())
        answer = asked.answer(200, said.model_dump(mode="json"), at=self.clock.now())
        append = Append(record=self.ids.new(), expected_version=0, recorded=(), answer=answer)
        await self.log.append(append)
        return send_answer(answer)
