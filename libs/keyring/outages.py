"""Tells an outage from an answer: what means *stop and retry*, and what means *refused*."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from libs.keyring.openings import KeyringRefused, KeyringUnavailable

OUTAGES = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.PostgresSystemError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


@contextmanager
def told_apart() -> Iterator[None]:
    """Turns an outage into KeyringUnavailable, and a lack of rights into KeyringRefused.

    Why: an outage taken for an erasure would look like everyone had been erased (P30).
    """
    try:
        yield
    except ValueError:  # asyncpg calls an argument of the wrong shape an InterfaceError, too
        raise
    except OUTAGES as error:
        message = f"the keyring does not answer ({type(error).__name__}): wait and try again"
        raise KeyringUnavailable(message) from error
    except asyncpg.InsufficientPrivilegeError as error:
        message = f"the keyring refused: {error.args[0]}"
        raise KeyringRefused(message) from error
    except asyncpg.IntegrityConstraintViolationError as error:  # whose detail repeats the row
        message = f"the keyring refused a value that breaks {error.constraint_name}"
        raise KeyringRefused(message) from None
