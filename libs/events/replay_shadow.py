"""A view built again in a schema of its own beside the live one; no effect, no event."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from libs.events.database import Connection, Pool
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.postgres_rows import QUERIES, to_recorded
from libs.events.recorded import Recorded
from libs.events.view import View, apply_views

DIFFERENCES_NAMED = 100
Fresh = Callable[[Sequence[Recorded]], list[Recorded]]
"""Leaves out the facts that were folded before."""


@dataclass(frozen=True)
class Found:
    """The live view and the rebuilt one compared, and whether the rebuilt one is live now."""

    rows_live: int
    rows_rebuilt: int
    digest_live: str
    digest_rebuilt: str
    equal: bool
    differing: tuple[str, ...]
    switched: bool


class Shadow:
    """The twin of one view; folding into it touches nothing else."""

    def __init__(self, log: PostgresLog, view: View[Any]) -> None:
        """Build the twin of `view` from the facts of `log`'s owner."""
        self._log = log
        self._view = view

    @asynccontextmanager
    async def made(self) -> AsyncIterator[None]:
        """An empty twin, removed at the end whatever happened."""
        pool, name = self._log.pool, self._view.name
        with database_errors():
            await pool.execute(QUERIES["make_shadow"], name)
            try:
                yield
            finally:
                await pool.execute(QUERIES["drop_shadow"], name)

    async def fold(self, facts: Sequence[Recorded]) -> None:
        """Fold facts into the twin, in a transaction of their own."""
        async with self._log.pool.acquire() as connection, connection.transaction():
            await self._fold_in(connection, facts)

    async def since(self, settled: str) -> list[Recorded]:
        """Every fact that was committed since a transaction, by place."""
        return await self._since(self._log.pool, settled)

    async def settled(self) -> str:
        """The oldest transaction that may still be under way."""
        settled: str = await self._log.pool.fetchval(QUERIES["settled_transaction"])
        return settled

    async def count_unsent_before(self, settled: str) -> int:
        """How many settled facts Kafka has not acknowledged."""
        unsent: int = await self._log.pool.fetchval(QUERIES["count_unsent_before"], settled)
        return unsent

    async def finish(self, settled: str, fresh: Fresh, *, switch: bool) -> Found:
        """Keep writers out, take in the last facts, compare, and switch in the same transaction.

        Why: to switch needs the stronger lock; raised only then, it would meet writers that wait
             for this transaction, and be a deadlock.
        """
        name, lock = self._view.name, "lock_view_to_switch" if switch else "lock_view"
        async with self._log.pool.acquire() as connection, connection.transaction():
            await connection.execute(QUERIES[lock], name)
            await self._fold_in(connection, fresh(await self._since(connection, settled)))
            live = await connection.fetchrow(QUERIES["digest_live"], name)
            rebuilt = await connection.fetchrow(QUERIES["digest_shadow"], name)
            differing = await self._differing(connection, live, rebuilt)
            if switch:
                await connection.execute(QUERIES["switch_view"], name)
        return Found(
            rows_live=live["row_count"],
            rows_rebuilt=rebuilt["row_count"],
            digest_live=live["digest"],
            digest_rebuilt=rebuilt["digest"],
            equal=live["digest"] == rebuilt["digest"],
            differing=differing,
            switched=switch,
        )

    async def _fold_in(self, connection: Connection, facts: Sequence[Recorded]) -> None:
        await connection.execute(QUERIES["use_shadow"], self._view.name)
        await apply_views(connection, [self._view], facts)
        await connection.execute(QUERIES["use_live"])

    async def _since(self, source: Pool | Connection, settled: str) -> list[Recorded]:
        rows = await source.fetch(QUERIES["read_since"], settled)
        return [to_recorded(row, self._log.owner) for row in rows]

    async def _differing(self, connection: Connection, live: Any, rebuilt: Any) -> tuple[str, ...]:
        """The rows that differ, by their keys; what stands in them is nobody's to read here."""
        if live["digest"] == rebuilt["digest"]:
            return ()
        asked = (QUERIES["differing_rows"], self._view.name, DIFFERENCES_NAMED)
        rows = await connection.fetch(*asked)
        return tuple(f"{row['side']}: {row['row_key']}" for row in rows)
