"""Which facts the log has, by their ids."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from libs.events.database import Pool
from services.retention.store.clock_table import QUERIES


@dataclass(frozen=True)
class KnownFacts:
    """Looks facts up in the log."""

    pool: Pool

    async def known(self, events: Collection[UUID]) -> frozenset[UUID]:
        """Those of these events that are in it."""
        rows = await self.pool.fetch(QUERIES["known_events"], list(events))
        return frozenset(row["event_id"] for row in rows)
