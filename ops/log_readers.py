"""The logs of the services, read with the operator's role, which can change nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from deploy.native.stack import SERVICES, Stack
from libs.events.database import Pool
from libs.events.queries import load_queries
from ops.outcome import Away

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))
ROLE = "operator"
CONNECT_SECONDS = 5.0
AWAY = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)


@asynccontextmanager
async def readers(
    stack: Stack, services: Sequence[str] = SERVICES
) -> AsyncIterator[dict[str, Pool]]:
    """A pool on each service's database.

    Raises: Away, naming the first that cannot be reached.
    """
    async with AsyncExitStack() as open_ones:
        pools: dict[str, Pool] = {}
        for service in services:
            pools[service] = await open_ones.enter_async_context(reader(stack, service))
        yield pools


@asynccontextmanager
async def reader(stack: Stack, database: str) -> AsyncIterator[Any]:
    """A pool on one database.

    Raises: Away.
    """
    try:
        pool = await asyncpg.create_pool(
            stack.database_url(ROLE, database),
            min_size=1,
            max_size=2,
            timeout=CONNECT_SECONDS,
            server_settings={"application_name": "flux3d"},
        )
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise Away(_said(database, error)) from error
    try:
        yield pool
    except AWAY as error:
        raise Away(_said(database, error)) from error
    finally:
        await pool.close()


def _said(database: str, error: BaseException) -> str:
    return f"The database {database} does not answer ({type(error).__name__}). See make up"
