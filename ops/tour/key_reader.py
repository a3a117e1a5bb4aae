"""A data key as the service that may open it gets it, so that a scan can look for it later."""

import asyncio
from uuid import UUID

import asyncpg

from deploy.native.stack import Stack
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import FileEpochKeys
from libs.keyring.keys import DataKey
from libs.keyring.postgres_keyring import PostgresKeyring
from ops.tour.telling import NotSeen

CATEGORY = "quote"


def read_key(stack: Stack, quote: str) -> bytes:
    """The bytes of a quote's key.

    Raises: NotSeen, when there is none any more.
    """
    return asyncio.run(_read(stack, UUID(quote)))


async def _read(stack: Stack, record: UUID) -> bytes:
    async with asyncpg.create_pool(stack.database_url("quotes", "keyring"), min_size=0) as pool:
        keyring = PostgresKeyring(pool, FileEpochKeys(stack.keys), KeyCache(lambda: 0.0))
        opened = (await keyring.open_keys([(record, CATEGORY)]))[record, CATEGORY]
    if not isinstance(opened, DataKey):
        message = f"the key of quote {record} is {opened!r}"
        raise NotSeen(message)
    return opened.secret
