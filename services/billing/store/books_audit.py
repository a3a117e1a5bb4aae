"""What the evidence checks read: the books as they lie in the database, nothing opened."""

import base64
from dataclasses import dataclass
from uuid import UUID

from libs.events.database import Pool
from services.billing.domain.books import BookEntry, StoredPart
from services.billing.store.record_table import QUERIES

_BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True)
class BooksAudit:
    """Reads the state as it is."""

    pool: Pool

    async def read_log_parts(self, limit: int) -> list[StoredPart]:
        """The personal parts of the newest events."""
        rows = await self.pool.fetch(QUERIES["read_log_boxes"], limit)
        return [
            StoredPart(
                event_id=row["event_id"], name=row["name"], box_head=_decoded(row["box_head"])
            )
            for row in rows
        ]

    async def read_view_parts(self, limit: int) -> list[StoredPart]:
        """The personal parts of the newest rows of the registers."""
        rows = await self.pool.fetch(QUERIES["read_view_boxes"], limit)
        return [StoredPart(**row) for row in rows]

    async def find_number_gaps(self, limit: int) -> list[UUID]:
        """Invoices whose number does not follow the one before, or that miss a later one."""
        rows = await self.pool.fetch(QUERIES["find_number_gaps"], limit)
        return [row["event_id"] for row in rows]

    async def count_lost_numbers(self) -> int:
        """How many numbers were taken and stand on no invoice."""
        return int(await self.pool.fetchval(QUERIES["count_lost_numbers"]))

    async def read_books(self, after: UUID | None, limit: int) -> list[BookEntry]:
        """A page of orders in order of their records."""
        rows = await self.pool.fetch(QUERIES["read_books"], after or _BEFORE_ALL, limit)
        return [BookEntry(**row) for row in rows]

    async def find_waiting(self, effect: str) -> set[UUID]:
        """The facts that still owe this effect."""
        rows = await self.pool.fetch(QUERIES["find_waiting"], effect)
        return {row["event_id"] for row in rows}

    async def find_unscrubbed(self, limit: int) -> list[UUID]:
        """Scrubs of the billing party after which a box is still in a register."""
        rows = await self.pool.fetch(QUERIES["find_unscrubbed"], limit)
        return [row["event_id"] for row in rows]

    async def count_scrubbed(self) -> int:
        """How many records had their billing party scrubbed."""
        return int(await self.pool.fetchval(QUERIES["count_scrubbed"]))


def _decoded(head: str | None) -> bytes | None:
    """The bytes that a whole number of base64 groups begins with; none for other text."""
    if head is None:
        return None
    try:
        return base64.b64decode(head[: len(head) // 4 * 4], altchars=b"-_", validate=True)
    except ValueError:
        return None
