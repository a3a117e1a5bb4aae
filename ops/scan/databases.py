"""Every value of every table of every database, as Postgres itself reads it: uncompressed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg

from libs.events.queries import load_queries
from ops.scan import places
from ops.scan.looking import Looked
from ops.scan.matcher import Match, Matcher

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))
BUFFER_BYTES = 4 << 20


async def list_databases(url: str) -> list[str]:
    """The databases of a cluster that can be entered."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(QUERIES["list_databases"])
    finally:
        await connection.close()
    return [row["datname"] for row in rows]


async def list_files_aside(url: str) -> frozenset[str]:
    """The files of all databases in which Postgres keeps long values."""
    found: set[str] = set()
    for database in await list_databases(url):
        try:
            connection = await asyncpg.connect(url, database=database)
        except asyncpg.InvalidCatalogNameError:
            continue  # dropped since it was listed
        try:
            found |= {row["path"] for row in await connection.fetch(QUERIES["list_files_aside"])}
        finally:
            await connection.close()
    return frozenset(found)


async def wal_compression(url: str) -> list[Looked]:
    """A fault, when page images in the WAL are compressed and so cannot be searched."""
    connection = await asyncpg.connect(url)
    try:
        setting = await connection.fetchval(QUERIES["show_wal_compression"])
    finally:
        await connection.close()
    seen = Looked(places.WAL)
    if setting != "off":
        seen.faults.append(f"wal_compression is {setting}: page images in the WAL are hidden")
    return [seen]


async def look_at_database(url: str, database: str, matcher: Matcher) -> Looked:
    """What is seen in the rows of one database.

    Shape: binary COPY gives each field's own bytes, text and bytea and jsonb alike, out of TOAST.
    """
    seen = Looked(places.ROWS)
    try:
        connection = await asyncpg.connect(url, database=database)
    except asyncpg.InvalidCatalogNameError:
        return seen  # dropped since it was listed
    try:
        for row in await connection.fetch(QUERIES["list_tables"]):
            name = f"table {database}.{row['nspname']}.{row['relname']}"
            await _look_at_table(connection, row, (name, matcher), seen)
    finally:
        await connection.close()
    return seen


async def _look_at_table(
    connection: Any, table: Any, named: tuple[str, Matcher], seen: Looked
) -> None:
    name, matcher = named
    for form in ("binary", "text"):
        reader = _Reader(matcher)
        try:
            await connection.copy_from_table(
                table["relname"], schema_name=table["nspname"], output=reader.take, format=form
            )
        except asyncpg.UndefinedFunctionError:
            continue  # a few system types (access lists) have no binary form
        except asyncpg.UndefinedTableError:
            return  # dropped since it was listed
        reader.note(seen, name)
        return
    seen.faults.append(f"{name} cannot be read")


class _Reader:
    """Takes a stream of small pieces and searches it in large ones."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._buffer = bytearray()
        self._carried = 0
        self._base = 0
        self._matches: list[Match] = []

    async def take(self, piece: bytes) -> None:
        """Take what the server sent next."""
        self._buffer += piece
        if len(self._buffer) >= BUFFER_BYTES:
            self._search()

    def note(self, seen: Looked, table: str) -> None:
        """Search what is left and say what was seen in all."""
        self._search()
        seen.things += 1
        seen.bytes += self._base + self._carried
        seen.note(table, self._matches)

    def _search(self) -> None:
        window, reach = bytes(self._buffer), self._matcher.reach
        self._matches += [
            Match(self._base + one.offset, one.pattern)
            for one in self._matcher.search_after(window, already=self._carried)
        ]
        self._carried = min(reach, len(window))
        self._base += len(window) - self._carried
        del self._buffer[: len(window) - self._carried]
