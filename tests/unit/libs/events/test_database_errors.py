"""What the driver raises is told by what the caller should do."""

import asyncpg
import pytest

from libs.events.errors import Unavailable
from libs.events.postgres_log import database_errors


@pytest.mark.parametrize(
    "trouble",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.AdminShutdownError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.DiskFullError(),
        asyncpg.PostgresIOError(),
        asyncpg.ReadOnlySQLTransactionError(),
        asyncpg.InvalidCatalogNameError(),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation is in progress"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_an_outage_is_tried_again(trouble: Exception) -> None:
    """Where the database went away nothing is said of the message in hand: it is not parked."""
    with pytest.raises(Unavailable), database_errors():
        raise trouble


def test_a_value_that_no_column_takes_is_no_outage() -> None:
    """It is the message's own fault; tried for ever it would hold up everyone."""
    with pytest.raises(asyncpg.DataError), database_errors():
        raise asyncpg.DataError("value out of int32 range")
