"""How far of the erasure journal this keyring has seen, and what it has not done of it yet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import asyncpg

from libs.events.queries import load_queries
from libs.keyring.journal import Entry, Head
from libs.keyring.outages import told_apart

QUERIES = load_queries(Path(__file__).parent / "sql" / "journal.sql")


class JournalMark(Protocol):
    """The keyring's side of the journal.

    Raises: KeyringUnavailable from every call; KeyringRefused, when the role may not.
    """

    async def read(self) -> Head:
        """Up to which line everything is fenced."""
        ...

    async def move(self, head: Head) -> None:
        """Everything up to there is fenced; never goes back."""
        ...

    async def count_unfenced(self, entries: Sequence[Entry]) -> int:
        """How many of these lines name a category that was not destroyed here."""
        ...

    async def destroy_again(self, entry: Entry) -> None:
        """Destroy what a line says, whatever holds a restored state shows."""
        ...


class PostgresJournalMark:
    """The journal's mark in the keyring's database; what a role may is decided there."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Use the pool as it is; whoever made it closes it."""
        self._pool = pool

    async def read(self) -> Head:
        """Up to which line everything is fenced."""
        with told_apart():
            row = await self._pool.fetchrow(QUERIES["read_journal_mark"])
        return Head(row["entries"], row["digest"])

    async def move(self, head: Head) -> None:
        """Everything up to there is fenced."""
        with told_apart():
            await self._pool.execute(QUERIES["move_journal_mark"], head.entries, head.digest)

    async def count_unfenced(self, entries: Sequence[Entry]) -> int:
        """How many of these lines name a category that was not destroyed here."""
        places = [(one.record, category) for one in entries for category in one.categories]
        records, categories = [record for record, _ in places], [name for _, name in places]
        with told_apart():
            rows = await self._pool.fetch(QUERIES["find_unfenced"], records, categories)
        unfenced = {(row["record"], row["category"]) for row in rows}
        return sum(
            any((one.record, name) in unfenced for name in one.categories) for one in entries
        )

    async def destroy_again(self, entry: Entry) -> None:
        """Destroy what a line says."""
        with told_apart():
            await self._pool.execute(
                QUERIES["destroy_again"],
                entry.record,
                list(entry.categories),
                entry.erasure,
                entry.unreadable_since,
            )
