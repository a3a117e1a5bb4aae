"""An outage is told from a refusal, and neither repeats a value."""

import asyncpg
import pytest

from libs.keyring.openings import KeyringRefused, KeyringUnavailable
from libs.keyring.outages import told_apart


@pytest.mark.parametrize(
    "trouble",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.AdminShutdownError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.DeadlockDetectedError(),
        asyncpg.DiskFullError(),
        asyncpg.LockNotAvailableError(),
        asyncpg.InvalidCatalogNameError(),
        asyncpg.InterfaceError("pool is closing"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_outage_means_stop_and_retry(trouble: Exception) -> None:
    """P30: whatever keeps the keyring from answering is unavailable, never shredded."""
    with pytest.raises(KeyringUnavailable), told_apart():
        raise trouble


def test_lack_of_rights_is_a_refusal() -> None:
    """Trying again would not help."""
    with pytest.raises(KeyringRefused), told_apart():
        raise asyncpg.InsufficientPrivilegeError("quotes may not destroy *")


def test_broken_constraint_is_a_refusal_without_the_row() -> None:
    """The database's detail repeats the row; what we raise does not."""
    broken = asyncpg.CheckViolationError.new(
        {"S": "ERROR", "C": "23514", "M": "check", "D": "Failing row: ada", "n": "some_check"}
    )
    with pytest.raises(KeyringRefused, match="some_check") as caught, told_apart():
        raise broken
    assert "ada" not in str(caught.value)
    assert caught.value.__cause__ is None
