"""How personal parts lie in the log and the view, for the checks of the policy."""

import base64
from dataclasses import dataclass
from uuid import UUID

from libs.events.database import Pool
from services.quotes.store.quote_status_table import QUERIES


@dataclass(frozen=True, kw_only=True)
class PartOnDisk:
    """A personal part as it lies somewhere: the head of its box and the place it should be for."""

    at: UUID
    event_id: UUID | None
    name: str
    field: str
    box_head: bytes | None


@dataclass(frozen=True)
class Inspection:
    """Reads the state as it is, without opening anything."""

    pool: Pool

    async def read_log_parts(self, limit: int) -> list[PartOnDisk]:
        """The personal parts of the newest events."""
        rows = await self.pool.fetch(QUERIES["read_log_boxes"], limit)
        return [
            PartOnDisk(
                at=row["event_id"],
                event_id=row["event_id"],
                name=row["name"],
                field=row["field"],
                box_head=_decoded(row["box_head"]),
            )
            for row in rows
        ]

    async def read_view_parts(self, limit: int) -> list[PartOnDisk]:
        """The personal parts of the newest rows of the view."""
        rows = await self.pool.fetch(QUERIES["read_view_boxes"], limit)
        return [
            PartOnDisk(
                at=row["record"],
                event_id=None,
                name="QuoteRequested",
                field="details",
                box_head=row["box_head"],
            )
            for row in rows
        ]

    async def find_unscrubbed(self, limit: int) -> list[UUID]:
        """Ids of scrubs after which a box is still in the view."""
        rows = await self.pool.fetch(QUERIES["find_unscrubbed"], limit)
        return [row["event_id"] for row in rows]

    async def count_scrubbed(self) -> int:
        """How many records were scrubbed."""
        count: int = await self.pool.fetchval(QUERIES["count_scrubbed"])
        return count


def _decoded(text: str | None) -> bytes | None:
    try:
        return base64.b64decode(text or "", altchars=b"-_", validate=True)
    except ValueError:
        return None
