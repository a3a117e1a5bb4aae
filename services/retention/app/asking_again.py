"""Asks owners again that have not answered an erasure in time; by a timer, many at a time."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from libs.events.clock import Clock
from libs.events.handle import Desk
from libs.events.log import EventLog
from libs.events.recorded import Recorded
from libs.events.values import Category
from libs.events.vocabulary.retention import RecordErased, ScrubAskedAgain
from services.retention.app.ports import UnansweredErasures
from services.retention.domain.erasure import ERASURE
from services.retention.domain.silence import SILENCE, AskAgain

LOG = structlog.get_logger("erasures")
ERASURES_PER_RUN = 500


@dataclass(frozen=True, kw_only=True)
class AskingAgain:
    """Looks for answers that are missing longer than they may be.

    Why: a fact is never lost on its way, but an owner may be down for days, hold the record back
         behind a message that it cannot take in, or have been told by an operator to drop it.
    """

    erasures: UnansweredErasures
    log: EventLog
    desk: Desk
    clock: Clock
    answer_within: timedelta

    async def run(self) -> None:
        """Asks again wherever an answer is missing and the last asking is long enough ago."""
        now = self.clock.now()
        begun_before = now - self.answer_within
        for erasure in await self.erasures.find_unanswered(now, begun_before, ERASURES_PER_RUN):
            await self._ask_again(erasure)

    async def _ask_again(self, erasure: UUID) -> None:
        history = await self.log.load(erasure)
        for record in ERASURE.fold(one.event for one in history).records:
            lost = [one for one in await self.log.load(record) if _is_of(one, erasure)]
            if not lost:
                continue
            command = self._command(record, lost)
            for fact in await self.desk.handle(erasure, command, SILENCE):
                _tell(fact)

    def _command(self, record: UUID, lost: list[Recorded]) -> AskAgain:
        facts = [one.event for one in lost if isinstance(one.event, RecordErased)]
        categories = dict.fromkeys(category for fact in facts for category in fact.categories)
        return AskAgain(
            record=record,
            categories=tuple(map(Category, categories)),
            erased_at=max(fact.unreadable_since for fact in facts),
            answer_within=self.answer_within,
            at=self.clock.now(),
        )


def _is_of(fact: Recorded, erasure: UUID) -> bool:
    return isinstance(fact.event, RecordErased) and fact.event.erasure == erasure


def _tell(fact: Recorded) -> None:
    event = fact.event
    assert isinstance(event, ScrubAskedAgain)  # noqa: S101 - decided just now
    LOG.warning(
        "owners_asked_again",
        erasure=str(fact.record),
        record=str(event.record),
        silent=[str(owner) for owner in event.silent],
    )
