"""Finds keys that were made and of which nothing came, and has their maker say so."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from libs.events.clock import Clock
from libs.events.log import EventLog
from libs.events.recorded import Recorded
from libs.keyring.keyring import Keyring

LOG = structlog.get_logger("keyring")
UNUSED_AFTER = timedelta(minutes=15)
"""Far longer than any request may take; one that takes longer is refused, never half done."""
PAGE_RECORDS = 1000
ABANDONED_PER_RUN = 500
OVERLAP = timedelta(hours=1)


class UnusedKeys:
    """Compares the keys a service made with the facts it kept.

    Shape:  the first run reads everything, later ones what is new and an hour before it, so what a
            process left behind that died is found when it starts again; a bounded number per run.
    Why:    a key is made before its first fact. Where that never came, key and link to the person
            would stay for ever, as nobody else knows of the record.
    Source: D7, D9.
    """

    def __init__(
        self,
        keyring: Keyring,
        log: EventLog,
        clock: Clock,
        *,
        abandon: Callable[[UUID], Awaitable[Sequence[Recorded]]],
    ) -> None:
        """Let `abandon` say that nothing came of a record: the facts, or none if that is not so."""
        self._keyring = keyring
        self._log = log
        self._clock = clock
        self._abandon = abandon
        self._after = UUID(int=0)

    async def let_go(self) -> None:
        """Abandon what is old and has no fact.

        Why: the log is asked first and says so in a first fact of its own. A request that is only
             slow meets that fact and is refused, so nothing is ever kept under a key that goes.
        """
        before, abandoned = self._clock.now() - UNUSED_AFTER, 0
        while abandoned < ABANDONED_PER_RUN:
            page = await self._keyring.records_made(
                after=self._after, before=before, limit=PAGE_RECORDS
            )
            if not page:
                return
            abandoned += await self._abandon_unknown(page)
            self._after = page[-1]
            if len(page) < PAGE_RECORDS:
                self._after = _earlier(self._after, OVERLAP)
                return

    async def _abandon_unknown(self, page: list[UUID]) -> int:
        unknown = sorted(await self._log.find_unknown(page))
        for record in unknown:
            is_abandoned = bool(await self._abandon(record))
            LOG.info("key_unused", record=str(record), is_abandoned=is_abandoned)
        return len(unknown)


def _earlier(record: UUID, by: timedelta) -> UUID:
    """An id from that much earlier, where ids are in order of time.

    Source: RFC 9562 §5.7: the first 48 bits of a UUIDv7 are milliseconds.
    """
    return UUID(int=max(0, record.int - ((by // timedelta(milliseconds=1)) << 80)))
