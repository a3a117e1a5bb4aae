"""Rows of the view hold, in and out."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from libs.events.database import Pool
from services.billing.projections.hold import HoldEntry
from services.billing.store.record_table import QUERIES, RecordTable

HOLD_TABLE = RecordTable(
    row_type=HoldEntry,
    columns=HoldEntry.__struct_fields__,
    read_rows=QUERIES["read_hold"],
    write_rows=QUERIES["write_hold"],
    delete_rows=QUERIES["delete_hold"],
)


@dataclass(frozen=True)
class HoldReader:
    """Answers questions from the view as it is live."""

    pool: Pool

    async def find_holds(self, records: Collection[UUID]) -> dict[UUID, HoldEntry]:
        """The holds of these records, ended ones included."""
        rows = await self.pool.fetch(HOLD_TABLE.read_rows, list(records))
        return {row["record"]: HoldEntry(**row) for row in rows}
