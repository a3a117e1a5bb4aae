"""The doors of the sweep: where it stands, one run now, and the confirmation after a jump."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from libs.doors.caller import needs
from libs.doors.idempotency import Asked, asked_once
from libs.events.ids import Ids
from libs.events.log import Append, EventLog
from services.retention.api.answers import send_answer
from services.retention.api.schemas import SweepOut, SweptOut
from services.retention.api.showing import show_sweep
from services.retention.app.sweep import Sweep

AskedOnce = Annotated[Asked, Depends(asked_once)]
CLOCK_SETTLES_SECONDS = 0.3
"""A movable clock reads its file at most every 0.2 s; a confirmation may come sooner than that."""


@dataclass(frozen=True, kw_only=True)
class SweepDoors:
    """What an operator may ask of the sweep; each method is one door."""

    log: EventLog
    ids: Ids
    sweep: Sweep

    def router(self) -> APIRouter:
        """The doors at their addresses."""
        operators = [Depends(needs("operator"))]
        router = APIRouter(prefix="/api/sweep", tags=["sweep"], dependencies=operators)
        router.get("")(self.look)
        router.post("", response_model=SweptOut)(self.run)
        router.post("/confirmation", response_model=SweepOut)(self.confirm)
        return router

    async def look(self) -> SweepOut:
        """Shows when the sweep ran, and whether a jump of the clock stopped it."""
        return show_sweep(await self.sweep.look())

    async def run(self, asked: AskedOnce) -> Response:
        """Sweeps now, instead of at the next turn of the timer."""
        if earlier := await asked.earlier():
            return earlier
        return await self._answer(asked, SweptOut(called_due=await self.sweep.run()))

    async def confirm(self, asked: AskedOnce) -> Response:
        """Trusts the clock as it stands now, so that a stopped sweep goes on."""
        if earlier := await asked.earlier():
            return earlier
        if not (await self.sweep.look()).is_stopped:
            await asyncio.sleep(CLOCK_SETTLES_SECONDS)
        return await self._answer(asked, show_sweep(await self.sweep.confirm()))

    async def _answer(self, asked: Asked, said: BaseModel) -> Response:
        """Keep the answer with its key; no fact goes with it."""
        body: dict[str, Any] = said.model_dump(mode="json")
        answer = asked.answer(200, body, at=self.sweep.clock.now())
        append = Append(record=self.ids.new(), expected_version=0, recorded=(), answer=answer)
        await self.log.append(append)
        return send_answer(answer)
