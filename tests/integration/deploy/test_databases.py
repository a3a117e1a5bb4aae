"""Who may enter which database, on the real server."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg
import pytest

from deploy.native.stack import DATABASES, SERVICES
from deploy.native.testing import FreshDatabase

Database = Callable[[str], FreshDatabase]


@pytest.mark.parametrize("service", SERVICES)
async def test_service_enters_its_own_database_and_the_keyring(
    database: Database, service: str
) -> None:
    """A service reaches its own log and the keyring."""
    for kind in (service, "keyring"):
        connection = await asyncpg.connect(database(kind).url(service))
        assert await connection.fetchval("select session_user") == service
        await connection.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_service_is_kept_out_of_its_neighbours_databases(
    database: Database, service: str
) -> None:
    """A service cannot even connect to another service's database."""
    for other in (name for name in SERVICES if name != service):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(database(other).url(service))


async def test_wrong_password_is_refused(database: Database) -> None:
    """Nobody gets in from the loopback without the role's password."""
    url = database("quotes").url("quotes")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url.replace("quotes:", "quotes:wrong", 1))


async def test_operator_reads_everywhere_and_writes_nowhere(database: Database) -> None:
    """The operator's role enters every database and its transactions are read-only."""
    for kind in DATABASES:
        connection = await asyncpg.connect(database(kind).url("operator"))
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await connection.execute("create table public.anything ()")
        await connection.close()


async def test_service_cannot_make_tables(database: Database) -> None:
    """Only the owner of the schemas may change them."""
    connection = await asyncpg.connect(database("quotes").url("quotes"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("create table public.anything ()")
    await connection.close()
