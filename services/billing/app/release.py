"""Lets go of what the law keeps no longer, with nobody acting."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import structlog

from libs.events.clock import Clock
from libs.events.errors import Refused
from libs.events.handle import Desk
from libs.events.values import Category
from libs.keyring.keyring import Keyring
from libs.policy.calendar import local_date
from services.billing.app.figures import HOLDS_RELEASED
from services.billing.app.ports import FindsEndedHolds
from services.billing.domain.hold import HOLD_REASON
from services.billing.domain.order import ORDER, ReleaseHold

LOG = structlog.get_logger("billing")
RELEASES_PER_RUN = 500


@dataclass(frozen=True, kw_only=True)
class Releasing:
    """What letting go takes from outside."""

    desk: Desk
    keyring: Keyring
    clock: Clock
    holds: FindsEndedHolds
    limit: int = RELEASES_PER_RUN


async def release_ended_holds(releasing: Releasing) -> None:
    """Releases the holds whose last day is past, a bounded number at a time.

    Shape:  one that may not be released yet is logged and left, and does not stop the others.
    Source: clause 5.1.billing; D9.
    """
    today_on = local_date(releasing.clock.now())
    for record in await releasing.holds.find_ended_holds(today_on, releasing.limit):
        try:
            await _release(releasing, record, today_on)
        except Refused as refusal:
            LOG.warning("release_refused", record=str(record), reason=type(refusal).__name__)


async def _release(releasing: Releasing, record: UUID, today_on: date) -> None:
    """Asks the rule first, then tells the keyring, then everyone.

    Why: who hears of the release destroys the key, so the keyring must know of it before.
    """
    command = ReleaseHold(today_on=today_on)
    history = await releasing.desk.log.load(record)
    if not ORDER.decide(command, ORDER.fold(one.event for one in history)):
        return
    await releasing.keyring.release_hold(
        record, Category.BILLING, HOLD_REASON, at=releasing.clock.now()
    )
    await releasing.desk.handle(record, command, ORDER)
    HOLDS_RELEASED.inc()
