"""Rows of the view clock, in and out, and the questions asked of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from libs.events.database import Connection, Pool
from libs.events.queries import load_queries
from libs.events.view import Key, Statement
from services.retention.projections.clock import ClockRow

QUERIES = load_queries(Path(__file__).parent / "queries.sql")
_COLUMNS = ClockRow.__struct_fields__
Place = tuple[datetime, UUID, str]
"""Where a page by date goes on: due_at, record, category."""


class ClockTable:
    """Keeps the rows of the view, in whichever schema the connection looks."""

    async def read(self, connection: Connection, keys: Collection[Key]) -> dict[Key, ClockRow]:
        """The rows of these (record, category) pairs, locked until the transaction ends."""
        rows = await connection.fetch(QUERIES["read_clock"], *_columns_of(keys))
        return {(row["record"], row["category"]): ClockRow(**row) for row in rows}

    def writing(self, rows: Mapping[Key, ClockRow]) -> Statement:
        """Inserts or replaces these rows."""
        columns = [[getattr(row, name) for row in rows.values()] for name in _COLUMNS]
        return Statement(QUERIES["write_clock"], columns)

    async def delete(self, connection: Connection, keys: Collection[Key]) -> None:
        """Remove the rows of these (record, category) pairs."""
        await connection.execute(QUERIES["delete_clock"], *_columns_of(keys))


def _columns_of(keys: Collection[Key]) -> tuple[list[UUID], list[str]]:
    return [key[0] for key in keys], [key[1] for key in keys]


class DueClaims:
    """What the sweep takes in hand."""

    async def claim_due(
        self, connection: Connection, now: datetime, limit: int
    ) -> list[tuple[UUID, str]]:
        """What the sweep is to look at by now, oldest first, kept from others until the commit."""
        rows = await connection.fetch(QUERIES["claim_due"], now, limit)
        return [(row["record"], row["category"]) for row in rows]


@dataclass(frozen=True)
class ClockReader:
    """Answers questions from the view as it is live."""

    pool: Pool

    async def clocks_of(self, record: UUID) -> list[ClockRow]:
        """Every category of one record."""
        rows = await self.pool.fetch(QUERIES["find_clocks"], record)
        return [ClockRow(**row) for row in rows]

    async def list_due(self, before: datetime, after: Place | None, limit: int) -> list[ClockRow]:
        """Open terms that end before an instant, soonest first."""
        rows = await self.pool.fetch(QUERIES["list_due"], before, *(after or (None,) * 3), limit)
        return [ClockRow(**row) for row in rows]

    async def list_held(self, after: tuple[UUID, str] | None, limit: int) -> list[ClockRow]:
        """What the law holds, by record."""
        rows = await self.pool.fetch(QUERIES["list_held"], *(after or (None, None)), limit)
        return [ClockRow(**row) for row in rows]

    async def list_going(self, before: datetime, after: Place | None, limit: int) -> list[ClockRow]:
        """What would go before an instant: open terms, and holds that will have ended."""
        place = after or (None,) * 3
        rows = await self.pool.fetch(QUERIES["list_going"], before, *place, limit)
        return [ClockRow(**row) for row in rows]

    async def count_going(self, before: datetime) -> list[tuple[str, str, int]]:
        """How many categories would go before an instant, by clause and state."""
        rows = await self.pool.fetch(QUERIES["count_going"], before)
        return [(row["clause"], row["state"], row["categories"]) for row in rows]

    async def count_by_state(self, clause: str) -> dict[str, int]:
        """How many categories stand in each state under a clause."""
        rows = await self.pool.fetch(QUERIES["count_clocks_by_state"], clause)
        return {row["state"]: row["categories"] for row in rows}

    async def find_overdue(self, clause: str, before: datetime, limit: int) -> list[UUID]:
        """The events of terms that ended before an instant and were not carried out."""
        rows = await self.pool.fetch(QUERIES["find_overdue"], clause, before, limit)
        return [row["changed_by"] for row in rows]

    async def count_held(self) -> int:
        """How many categories the law holds."""
        held: int = await self.pool.fetchval(QUERIES["count_held"])
        return held

    async def find_unnamed_holds(self, before: datetime, limit: int) -> list[UUID]:
        """The events of holds older than an instant that name no basis or no date."""
        rows = await self.pool.fetch(QUERIES["find_unnamed_holds"], before, limit)
        return [row["changed_by"] for row in rows]

    async def find_outlived_holds(self, before: datetime, limit: int) -> list[UUID]:
        """The events of holds whose term ended before an instant."""
        rows = await self.pool.fetch(QUERIES["find_outlived_holds"], before, limit)
        return [row["changed_by"] for row in rows]
