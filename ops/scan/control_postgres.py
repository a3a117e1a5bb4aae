"""The controls in Postgres: rows, so pages and WAL too, long values, and a file for a sort."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from deploy.native.stack import Stack
from ops.scan import places
from ops.scan.databases import QUERIES
from ops.scan.expected import Expected, expected
from ops.scan.specimens import Specimen

# A record of the WAL may be cut by a page; three rounds never all lie across one.
ROUNDS = 3
FILLING = " and so on and on" * 2000
ASIDE_FILLING = b" and so on" * 400


@contextmanager
def postgres_control(stack: Stack, found: list[Specimen]) -> Iterator[set[Expected]]:
    """Rows that hold the controls, and an open cursor over them, for as long as the block runs."""
    url = stack.database_url("superuser", "postgres")
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(url))
        try:
            runner.run(_plant(connection, found))
            seen = set[Expected]()
            for store in (places.PAGES, places.WAL, places.ROWS, places.ASIDE, places.TEMPORARY):
                seen |= expected(store, found)
            # In its compressed form it shows in the raw pages too, between the flags of its groups.
            yield seen | {Expected(places.ASIDE, "pglz")}
        finally:
            runner.run(_drop(connection))


async def _plant(connection: asyncpg.Connection, found: list[Specimen]) -> None:
    await connection.execute(QUERIES["drop_control"])
    await connection.execute(QUERIES["make_control"])
    for _ in range(ROUNDS):
        for encoding, raw in found:
            text = raw.decode("ascii") if raw.isascii() and b"\0" not in raw else None
            # A long value begins with the control, so that no two pieces of it cut it.
            long = raw + ASIDE_FILLING
            await connection.execute(QUERIES["plant_control"], encoding, text, raw, None, long)
    compressed = dict(found)["utf-8"].decode() + FILLING
    await connection.execute(QUERIES["plant_control"], "compressed", None, None, compressed, None)
    await connection.execute(QUERIES["write_pages"])
    await connection.execute(QUERIES["make_temporary_file"])


async def _drop(connection: asyncpg.Connection) -> None:
    try:
        await connection.execute(QUERIES["close_temporary_file"])
        await connection.execute(QUERIES["drop_control"])
        await connection.execute(QUERIES["write_pages"])
    finally:
        await connection.close()
