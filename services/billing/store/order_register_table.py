"""Rows of the view order_register, in and out."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from libs.events.database import Pool
from services.billing.projections.order_register import OrderEntry
from services.billing.store.record_table import QUERIES, RecordTable

_AFTER_ALL = UUID(int=(1 << 128) - 1)

ORDER_REGISTER_TABLE = RecordTable(
    row_type=OrderEntry,
    columns=OrderEntry.__struct_fields__,
    read_rows=QUERIES["read_order_register"],
    write_rows=QUERIES["write_order_register"],
    delete_rows=QUERIES["delete_order_register"],
)


@dataclass(frozen=True)
class OrderReader:
    """Answers questions from the view as it is live."""

    pool: Pool

    async def find_orders(self, records: Collection[UUID]) -> dict[UUID, OrderEntry]:
        """The orders among these records."""
        rows = await self.pool.fetch(ORDER_REGISTER_TABLE.read_rows, list(records))
        return {row["record"]: OrderEntry(**row) for row in rows}

    async def list_orders(self, before: UUID | None, limit: int) -> list[OrderEntry]:
        """Orders, newest record first, older than `before`."""
        rows = await self.pool.fetch(QUERIES["list_orders"], before or _AFTER_ALL, limit)
        return [OrderEntry(**row) for row in rows]
