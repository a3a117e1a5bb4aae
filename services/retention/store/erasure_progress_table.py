"""Rows of the view erasure_progress, in and out, and the questions asked of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from libs.events.database import Connection, Pool
from libs.events.view import Key, Statement
from libs.events.vocabulary.retention import ErasedPart, HeldPart
from services.retention.projections.erasure_progress import ErasureProgress
from services.retention.store.clock_table import QUERIES

_COLUMNS = ErasureProgress.__struct_fields__
_LISTS = {
    "erased": tuple[ErasedPart, ...],
    "held": tuple[HeldPart, ...],
    "answers": tuple[tuple[UUID, str], ...],
    "shredded": tuple[tuple[datetime, int], ...],
}
_AFTER_ALL = UUID(int=(1 << 128) - 1)


class ErasureProgressTable:
    """Keeps the rows of the view, in whichever schema the connection looks."""

    async def read(
        self, connection: Connection, keys: Collection[Key]
    ) -> dict[Key, ErasureProgress]:
        """The rows of these erasures, locked until the transaction ends.

        Why: facts of several records change one row, so two writers may meet here.
        """
        rows = await connection.fetch(QUERIES["read_erasure_progress"], [key[0] for key in keys])
        return {(row["erasure"],): _to_row(row) for row in rows}

    def writing(self, rows: Mapping[Key, ErasureProgress]) -> Statement:
        """Inserts or replaces these rows."""
        columns = [[_to_column(row, name) for row in rows.values()] for name in _COLUMNS]
        return Statement(QUERIES["write_erasure_progress"], columns)

    async def delete(self, connection: Connection, keys: Collection[Key]) -> None:
        """Remove the rows of these erasures."""
        await connection.execute(QUERIES["delete_erasure_progress"], [key[0] for key in keys])


def _to_column(row: ErasureProgress, name: str) -> Any:
    value = getattr(row, name)
    if name in _LISTS or name == "records":
        return msgspec.json.encode(value).decode()
    return value


def _to_row(row: Mapping[str, Any]) -> ErasureProgress:
    values = dict(row)
    for name, shape in _LISTS.items():
        values[name] = msgspec.json.decode(values[name], type=shape)
    return ErasureProgress(**{**values, "records": tuple(values["records"])})


@dataclass(frozen=True)
class ErasureReader:
    """Answers questions from the view as it is live."""

    pool: Pool

    async def find_erasure(self, erasure: UUID) -> ErasureProgress | None:
        """One erasure, or none."""
        row = await self.pool.fetchrow(QUERIES["find_erasure"], erasure)
        return _to_row(row) if row else None

    async def list_erasures(self, before: UUID | None, limit: int) -> list[ErasureProgress]:
        """Erasures, newest first, begun before one."""
        rows = await self.pool.fetch(QUERIES["list_erasures"], before or _AFTER_ALL, limit)
        return [_to_row(row) for row in rows]

    async def under_way(self) -> tuple[int, datetime | None]:
        """How many erasures wait for answers, and when the oldest of them began."""
        row = await self.pool.fetchrow(QUERIES["measure_under_way"])
        return row["erasures"], row["oldest_at"]

    async def find_unanswered(
        self, now: datetime, begun_before: datetime, limit: int
    ) -> list[UUID]:
        """Erasures under way that destroyed a key and are to be looked at by now."""
        query = QUERIES["find_unanswered_erasures"]
        return [row["erasure"] for row in await self.pool.fetch(query, now, begun_before, limit)]

    async def count_asked_again(self) -> int:
        """How many erasures under way had to be asked for an answer again."""
        count: int = await self.pool.fetchval(QUERIES["count_asked_again_erasures"])
        return count

    async def find_slow(self, begun_before: datetime, limit: int) -> list[UUID]:
        """The events of erasures begun before an instant that still wait."""
        rows = await self.pool.fetch(QUERIES["find_slow_erasures"], begun_before, limit)
        return [row["begun_by"] for row in rows]

    async def count_recoverable(self) -> int:
        """How many completed erasures wait for the shred round that covers them."""
        count: int = await self.pool.fetchval(QUERIES["count_recoverable_erasures"])
        return count

    async def count_unrecoverable(self) -> int:
        """How many completed erasures are beyond recall."""
        count: int = await self.pool.fetchval(QUERIES["count_unrecoverable_erasures"])
        return count

    async def find_recoverable(self, completed_before: datetime, limit: int) -> list[UUID]:
        """The events of erasures completed before an instant that are still recoverable."""
        rows = await self.pool.fetch(QUERIES["find_recoverable_erasures"], completed_before, limit)
        return [row["completed_by"] for row in rows]

    async def list_certificates(self, after: UUID | None, limit: int) -> list[ErasureProgress]:
        """Completed erasures by id, for a check of all certificates page by page."""
        rows = await self.pool.fetch(QUERIES["list_certificates"], after or UUID(int=0), limit)
        return [_to_row(row) for row in rows]
