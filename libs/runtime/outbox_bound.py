"""How full the outbox is: while Kafka is away intake goes on, until so and so many facts wait."""

from dataclasses import dataclass

from libs.events.database import Pool
from libs.events.postgres_log import database_errors
from libs.runtime.probes import QUERIES

LOOK_EVERY_SECONDS = 2.0


@dataclass
class OutboxBound:
    """Counts what waits now and then, so that no request has to.

    Units: `rows_max` in facts; a fact is about two kilobytes in the log and its outbox row.
    """

    pool: Pool
    rows_max: int
    waiting: int = 0

    def filled(self) -> float:
        """How full it was at the last look, from nothing to one."""
        return self.waiting / self.rows_max

    async def look(self) -> None:
        """Count again, no further than the bound.

        Raises: Unavailable, when the database is away; what was counted last still counts.
        """
        with database_errors():
            self.waiting = await self.pool.fetchval(QUERIES["count_outbox"], self.rows_max)
