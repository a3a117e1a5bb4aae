"""Rows of the stack's databases, a page at a time; a text that comes often is kept once."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from deploy.native.stack import Stack
from libs.events.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))
PAGE_ROWS = 5000
Asker = Any
"""A row; its columns are those of its statement."""


async def ask(
    stack: Stack, database: str, query: str, *arguments: Any, role: str = "operator"
) -> list[Asker]:
    """The rows of one statement, all at once."""
    return [row async for row in stream(stack, database, query, *arguments, role=role)]


async def stream(
    stack: Stack, database: str, query: str, *arguments: Any, role: str = "operator"
) -> AsyncIterator[Asker]:
    """The rows of one statement as they come."""
    connection = await asyncpg.connect(stack.database_url(role, database))
    try:
        async with connection.transaction(readonly=True):
            async for row in connection.cursor(QUERIES[query], *arguments, prefetch=PAGE_ROWS):
                yield row
    finally:
        await connection.close()


_KNOWN: dict[str, str] = {}


def once(text: str) -> str:
    """This text, the same object each time while ids are shared.

    Why: a million operations name each event five times; kept once, they fit into memory.
    """
    return _KNOWN.setdefault(text, text)


@contextmanager
def shared_ids() -> Iterator[None]:
    """Forget afterwards which texts were met."""
    try:
        yield
    finally:
        _KNOWN.clear()
