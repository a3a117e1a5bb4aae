"""The doors of visitors: choose, and see what counts now or counted then."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from libs.doors.idempotency import Asked, asked_once
from libs.events.log import Answer
from libs.events.recorded import Recorded
from libs.events.vocabulary.consent import ConsentChanged
from services.consent.api.answers import send_answer
from services.consent.api.schemas import ChoiceIn, ChoiceOut, Moment, Visitor
from services.consent.api.showing import show_choice
from services.consent.app.handlers import Means, choose, find_choices
from services.consent.domain.refusals import NoChoiceKept
from services.consent.projections.choice_now import ChoiceNow, chosen
from services.consent.store.readers import ConsentReader

AskedOnce = Annotated[Asked, Depends(asked_once)]
Signal = Annotated[
    str | None, Header(alias="Sec-GPC", description="1 when the browser says no (GPC).")
]


@dataclass(frozen=True, kw_only=True)
class ChoiceDoors:
    """What a visitor may ask; the visitor's random id is all it takes."""

    means: Means
    reader: ConsentReader

    def router(self) -> APIRouter:
        """The doors at their addresses."""
        router = APIRouter(prefix="/api/choices", tags=["choices"])
        later: Any = {200: {"model": ChoiceOut, "description": "A later choice."}}
        router.post("", status_code=201, response_model=ChoiceOut, responses=later)(self.choose)
        router.get("/{visitor}", response_model=ChoiceOut)(self.look)
        return router

    async def choose(self, body: ChoiceIn, asked: AskedOnce, signal: Signal = None) -> Response:
        """Keeps a choice, which counts at once: 201 for a first one, 200 for a later one."""
        if earlier := await asked.earlier():
            return earlier
        command = body.command(signal=signal == "1")

        def answering(recorded: Recorded) -> Answer:
            shown = show_choice(_choice(recorded), self.means.policy.terms)
            status = 201 if recorded.version == 1 else 200
            return asked.answer(status, shown.model_dump(mode="json"), at=recorded.recorded_at)

        return send_answer(await choose(self.means, body.visitor, command, answering))

    async def look(
        self,
        visitor: Visitor,
        response: Response,
        at: Annotated[Moment | None, Query(description="What counted then.")] = None,
    ) -> ChoiceOut:
        """Shows what counts for a visitor now, or what counted at a moment."""
        record = await find_choices(self.means, visitor)
        if record is None:
            raise _no_choice()
        choice = await self._find(record, at)
        if choice is None:
            raise _no_choice()
        response.headers["Cache-Control"] = "no-store"
        return show_choice(choice, self.means.policy.terms)

    async def _find(self, record: UUID, at: Moment | None) -> ChoiceNow | None:
        if at is None:
            return await self.reader.find_choice(record)
        return await self.reader.find_choice_at(record, at)


def _choice(recorded: Recorded) -> ChoiceNow:
    event = recorded.event
    if not isinstance(event, ConsentChanged):
        message = f"a choice is answered from ConsentChanged, not from {recorded.name}"
        raise TypeError(message)
    return chosen(recorded, event)


def _no_choice() -> NoChoiceKept:
    message = "no choice is kept for this visitor and moment"
    return NoChoiceKept(message)
