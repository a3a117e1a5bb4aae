"""Rows of the view quote_status, in and out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from libs.events.database import Connection, Pool
from libs.events.queries import load_queries
from libs.events.view import Key, Statement
from services.quotes.projections.quote_status import QuoteStatus

QUERIES = load_queries(Path(__file__).parent / "queries.sql")
_COLUMNS = QuoteStatus.__struct_fields__
_AFTER_ALL = UUID(int=(1 << 128) - 1)


class QuoteStatusTable:
    """Keeps the rows of the view, in whichever schema the connection looks."""

    async def read(self, connection: Connection, keys: Collection[Key]) -> dict[Key, QuoteStatus]:
        """The rows of these records."""
        rows = await connection.fetch(QUERIES["read_quote_status"], [key[0] for key in keys])
        return {(row["record"],): QuoteStatus(**row) for row in rows}

    def writing(self, rows: Mapping[Key, QuoteStatus]) -> Statement:
        """Inserts or replaces these rows."""
        columns = [[getattr(row, name) for row in rows.values()] for name in _COLUMNS]
        return Statement(QUERIES["write_quote_status"], columns)

    async def delete(self, connection: Connection, keys: Collection[Key]) -> None:
        """Remove the rows of these records."""
        await connection.execute(QUERIES["delete_quote_status"], [key[0] for key in keys])


@dataclass(frozen=True)
class QuoteReader:
    """Answers questions from the view as it is live."""

    pool: Pool

    async def find_quote(self, record: UUID) -> QuoteStatus | None:
        """One quote, or none."""
        row = await self.pool.fetchrow(QUERIES["find_quote"], record)
        return QuoteStatus(**row) if row else None

    async def list_quotes(self, before: UUID | None, limit: int) -> list[QuoteStatus]:
        """Quotes, newest first, older than `before`."""
        rows = await self.pool.fetch(QUERIES["list_quotes"], before or _AFTER_ALL, limit)
        return [QuoteStatus(**row) for row in rows]

    async def find_ended_offers(self, today_on: date, limit: int) -> list[UUID]:
        """Quotes whose offer was valid until a day before this one, longest ended first."""
        rows = await self.pool.fetch(QUERIES["find_ended_offers"], today_on, limit)
        return [row["record"] for row in rows]
