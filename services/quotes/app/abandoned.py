"""Takes back what requests and acceptances left behind that were begun and never recorded."""

from datetime import timedelta

import structlog

from libs.events.values import Category
from libs.keyring.openings import ProvisionalHold
from libs.keyring.unused_keys import UnusedKeys
from services.quotes.app.handlers import Means
from services.quotes.domain.quote import QUOTE, AbandonAcceptance, AbandonRequest

LOG = structlog.get_logger("quotes")
ABANDONED_AFTER = timedelta(minutes=15)
HOLDS_PER_RUN = 500


async def take_back_abandoned_holds(means: Means) -> None:
    """Takes back the old provisional holds whose quote was never accepted, oldest first.

    Shape:  a bounded number at a time; one whose order billing has still to date is left alone.
    Why:    an acceptance makes its key and hold before its fact. When the fact is refused or lost,
            the hold would keep the billing key from every erasure.
    Source: D7, D9; clause 5.1.holds.
    """
    before = means.clock.now() - ABANDONED_AFTER
    for hold in await means.keyring.provisional_holds(
        Category.BILLING, before=before, limit=HOLDS_PER_RUN
    ):
        if await _is_abandoned(means, hold):
            is_ended = await means.keyring.take_back_hold(hold, at=means.clock.now())
            LOG.info("hold_taken_back", record=str(hold.record), is_ended=is_ended)


async def _is_abandoned(means: Means, hold: ProvisionalHold) -> bool:
    """Whether the quote's own log says so, which it does before the keyring is told.

    Why: an acceptance that is still on its way meets that fact, and begins again with a new hold,
         which the keyring does not take for this one. So none that is recorded loses its hold.
    """
    command = AbandonAcceptance(held_since=hold.placed_at)
    await means.desk.handle(hold.record, command, QUOTE)
    history = await means.desk.log.load(hold.record)
    return QUOTE.fold(one.event for one in history).abandoned == hold.placed_at


def unused_keys(means: Means) -> UnusedKeys:
    """Finds requests of which only the key was made, and says that nothing came of them."""
    return UnusedKeys(
        means.keyring,
        means.desk.log,
        means.clock,
        abandon=lambda record: means.desk.handle(record, AbandonRequest(), QUOTE),
    )
