"""Where a shred round stands: a row in the keyring's database, moved one step at a time."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from libs.events.queries import load_queries
from libs.keyring.openings import KeyringRefused
from libs.keyring.outages import told_apart

QUERIES = load_queries(Path(__file__).parent / "sql" / "shredding.sql")


class Step(StrEnum):
    """What a round has done so far."""

    BEGUN = "begun"
    OPENED = "opened"
    REWRAPPED = "rewrapped"
    BACKED_UP = "backed_up"
    DESTROYED = "destroyed"
    TOLD = "told"


class RoundUnderWay(KeyringRefused):
    """Another process is carrying a round on."""

    title = "A shred round is being carried on by another process."


@dataclass(frozen=True, slots=True, kw_only=True)
class ShredRound:
    """One round as its row says.

    Shape: `epoch` is the one it opens; every earlier one ends with it. `destroyed_at` is the moment
           since when what was destroyed under them is unrecoverable.
    """

    round: UUID
    state: Step
    epoch: int
    begun_at: datetime
    destroyed_at: datetime | None
    keys_to_rewrap: int
    keys_rewrapped: int
    backup: str | None
    backup_digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShredStatus:
    """The newest round, and how many destroyed keys can still be had from copies, since when."""

    newest: ShredRound | None
    recoverable: int
    oldest_at: datetime | None


class PostgresRounds:
    """Moves rounds along; every rule is in the database, and only retention's role may."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool as it is; whoever made it closes it."""
        self._pool = pool

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Keeps every other process from carrying a round on until the block ends.

        Raises: RoundUnderWay, when one does already.
        """
        with told_apart():
            connection = await self._pool.acquire()
        try:
            with told_apart():
                is_ours = await connection.fetchval(QUERIES["lock_out_others"])
            if not is_ours:
                message = "another process carries a shred round on: nothing was done here"
                raise RoundUnderWay(message)
            yield
        finally:  # the lock goes with its session
            connection.terminate()
            await self._pool.release(connection)

    async def begin(self, new_round: UUID, at: datetime) -> ShredRound | None:
        """The round under way, or a new one; none when nothing destroyed is recoverable."""
        rows = await self._ask("begin_round", new_round, at)
        return _round(rows[0]) if rows else None

    async def open_epoch(self, one: UUID, at: datetime) -> None:
        """Closes the open epoch and opens the round's; its key must be there already.

        Raises: KeyringUnavailable, when somebody is in the middle of making keys for too long.
        """
        await self._ask("open_epoch", one, at)

    async def list_keys(self, one: UUID, at_most: int) -> Sequence[Mapping[str, Any]]:
        """Some wrapped keys that are still under a closing epoch; none when all are done."""
        return await self._ask("list_keys_to_rewrap", one, at_most)

    async def rewrap(self, one: UUID, keys: Sequence[tuple[Any, ...]]) -> None:
        """Puts keys back under the open epoch; those destroyed meanwhile stay destroyed."""
        await self._ask("rewrap_keys", one, keys)

    async def note_rewrapped(self, one: UUID, at: datetime) -> None:
        """No living key is left under a closing epoch; refused by the database while one is."""
        await self._ask("note_rewrapped", one, at)

    async def note_backup(self, one: UUID, name: str, digest: str, at: datetime) -> None:
        """A backup of the keyring was taken and read back."""
        await self._ask("note_backup", one, name, digest, at)

    async def list_epochs_to_destroy(self, one: UUID) -> list[int]:
        """The epochs whose keys are to be destroyed now."""
        return [row["epoch"] for row in await self._ask("list_epochs_to_destroy", one)]

    async def note_destroyed(self, one: UUID, at: datetime) -> None:
        """Their keys are gone, and with them everything that was destroyed under them."""
        await self._ask("note_destroyed", one, at)

    async def list_erasures(self, one: UUID) -> tuple[UUID, ...]:
        """The erasures all of whose keys are unrecoverable since this round."""
        return tuple(row["erasure"] for row in await self._ask("list_erasures_of_round", one))

    async def note_told(self, one: UUID, at: datetime) -> None:
        """It was said, and the round is over."""
        await self._ask("note_told", one, at)

    async def status(self) -> ShredStatus:
        """Where things stand."""
        row = (await self._ask("read_status"))[0]
        return ShredStatus(
            newest=_round(row) if row["round"] else None,
            recoverable=row["recoverable"],
            oldest_at=row["oldest_at"],
        )

    async def _ask(self, query: str, *values: object) -> list[Any]:
        with told_apart():
            rows: list[Any] = await self._pool.fetch(QUERIES[query], *values)
            return rows


def _round(row: Mapping[str, Any]) -> ShredRound:
    return ShredRound(
        round=row["round"],
        state=Step(row["state"]),
        epoch=row["epoch"],
        begun_at=row["begun_at"],
        destroyed_at=row["destroyed_at"],
        keys_to_rewrap=row["keys_to_rewrap"],
        keys_rewrapped=row["keys_rewrapped"],
        backup=row["backup"],
        backup_digest=row["backup_digest"],
    )
