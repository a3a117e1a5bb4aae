"""Keyrings as the services have them, each with its own pool and cache, on one time."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg

from deploy.native.testing import FreshDatabase
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import EpochVault, FileEpochKeys
from libs.keyring.postgres_keyring import PostgresKeyring

SERVICES = ("quotes", "consent", "billing", "retention")
ROLES = (*SERVICES, "operator", "superuser")


class Instances:
    """Keyrings as the roles see them, each over its own pool and cache."""

    def __init__(
        self,
        database: FreshDatabase,
        epoch_folder: Path,
        make_epoch_keys: Callable[[Path], EpochVault] = FileEpochKeys,
    ) -> None:
        """Over this database, with epoch keys in this folder or wherever they are kept."""
        self.database, self.epoch_folder = database, epoch_folder
        self.make_epoch_keys = make_epoch_keys
        self.seconds = 0.0
        self.open_pools = AsyncExitStack()
        self.pools: dict[str, asyncpg.Pool] = {}
        self._keyrings: dict[str, PostgresKeyring] = {}

    async def connect(self, role: str) -> None:
        """Make the pool of a role; connections open when they are needed."""
        pool = asyncpg.create_pool(self.database.url(role), min_size=0, max_size=8)
        self.pools[role] = await self.open_pools.enter_async_context(pool)

    def another(self, role: str) -> PostgresKeyring:
        """One more instance of a service, with a cache of its own and the fixture's time."""
        cache = KeyCache(lambda: self.seconds)
        epoch_keys = self.make_epoch_keys(self.epoch_folder)
        return PostgresKeyring(self.pools[role], epoch_keys, cache)

    def __call__(self, role: str) -> PostgresKeyring:
        """The first instance of a service."""
        if role not in self._keyrings:
            self._keyrings[role] = self.another(role)
        return self._keyrings[role]
