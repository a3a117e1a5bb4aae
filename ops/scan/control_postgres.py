"""The control in Postgres: rows, so pages and WAL too, and one compressed value."""

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


@contextmanager
def postgres_control(stack: Stack, found: list[Specimen]) -> Iterator[set[Expected]]:
    """Rows that hold the control, for as long as the block runs."""
    url = stack.database_url("superuser", "postgres")
    asyncio.run(_plant(url, found))
    try:
        seen = set[Expected]()
        for store in (places.PAGES, places.WAL, places.ROWS):
            seen |= expected(store, found)
        # In its compressed form it shows in the raw pages too, between the flags of its groups.
        yield seen | {Expected(places.PAGES, "pglz")}
    finally:
        asyncio.run(_drop(url))


async def _plant(url: str, found: list[Specimen]) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(QUERIES["drop_control"])
        await connection.execute(QUERIES["make_control"])
        for _ in range(ROUNDS):
            for encoding, raw in found:
                text = raw.decode("ascii") if raw.isascii() and b"\0" not in raw else None
                await connection.execute(QUERIES["plant_control"], encoding, text, raw, None)
        compressed = dict(found)["utf-8"].decode() + FILLING
        await connection.execute(QUERIES["plant_control"], "compressed", None, None, compressed)
        await connection.execute(QUERIES["write_pages"])
    finally:
        await connection.close()


async def _drop(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(QUERIES["drop_control"])
        await connection.execute(QUERIES["write_pages"])
    finally:
        await connection.close()
