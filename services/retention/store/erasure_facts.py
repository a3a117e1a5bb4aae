"""What the log says of erasures, whatever the length of a record's past."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from libs.events.database import Pool
from libs.events.postgres_log import database_errors
from libs.events.postgres_rows import to_recorded
from libs.events.recorded import Recorded
from libs.events.values import Owner
from services.retention.store.clock_table import QUERIES


@dataclass(frozen=True)
class ErasureFacts:
    """Looks facts of erasures up in the log."""

    pool: Pool

    async def of_records(self, records: Collection[UUID]) -> dict[UUID, list[Recorded]]:
        """Of each record with facts: what erasures did to it, and its newest fact, in order."""
        with database_errors():
            rows = await self.pool.fetch(QUERIES["find_destructions"], list(records))
        return {
            record: [to_recorded(row, Owner.RETENTION) for row in group]
            for record, group in groupby(rows, key=lambda row: row["record"])
        }

    async def has_later_answer(self, fact: Recorded) -> bool:
        """Whether an owner's answer to the same erasure stands in the log behind this fact."""
        with database_errors():
            has_one: bool = await self.pool.fetchval(
                QUERIES["has_later_answer"], fact.record, fact.version
            )
        return has_one
