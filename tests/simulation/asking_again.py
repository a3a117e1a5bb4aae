"""Retention asks owners again that have not answered in time, while their answers are under way."""

from datetime import datetime, timedelta
from uuid import UUID

from libs.events.values import Owner
from services.retention.app.asking_again import AskingAgain
from tests.simulation.asking import Spot
from tests.simulation.clients import client, erase
from tests.simulation.pairs import ERASURE, NOON, RECORD, Pair, offered
from tests.simulation.stepping import Task

ANSWER_WITHIN = timedelta(hours=1)


class _EveryErasure:
    """Says that the erasure may have an answer missing, as the view does sooner or later."""

    async def find_unanswered(
        self, _now: datetime, _begun_before: datetime, _limit: int
    ) -> list[UUID]:
        """The erasure of the pair."""
        return [ERASURE]


def ask_again(at: datetime, *, name: str) -> Task:
    """Retention's timer looks for answers that are missing."""

    async def body(spot: Spot) -> None:
        await AskingAgain(
            erasures=_EveryErasure(),
            log=spot.desk.log,
            desk=spot.desk,
            clock=spot.clock,
            answer_within=ANSWER_WITHIN,
        ).run()

    return client(Owner.RETENTION, name, at, body)


ASKED_AGAIN: dict[str, Pair] = {
    "owners asked again": Pair(
        offered,
        (
            erase(ERASURE, NOON, RECORD),
            ask_again(NOON + 2 * ANSWER_WITHIN, name="asked again"),
        ),
        ("billing hears", "retention hears billing"),
    ),
}
"""Askings against the answers they are about."""
