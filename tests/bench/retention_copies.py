"""Retention as its process wires it, each time on a fresh copy of two prepared databases."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.native import databases
from deploy.native.postgres_install import programs
from deploy.native.stack import KEYRING_BACKUP, Stack
from deploy.native.testing import FreshDatabase, fresh_database, prepare_templates
from libs.events.postgres_log import PostgresLog
from libs.events.values import Owner
from libs.runtime.declared import Built
from libs.runtime.ground import Ground, make_ground, make_stamp, open_pools
from libs.runtime.settings import SharedSettings
from services.retention.main import DECLARED, Wiring
from services.retention.settings import RetentionSettings
from tests.bench.place import CHECKPOINT, Place

_numbers = count(1)


@dataclass(frozen=True)
class Retention:
    """The service without its process: what it stands on, and what it made of that."""

    ground: Ground
    built: Built
    log: PostgresLog


@dataclass(frozen=True)
class Prepared:
    """What every slice begins with: retention's database and a keyring's, filled once."""

    place: Place
    retention: FreshDatabase
    keyring: FreshDatabase

    @asynccontextmanager
    async def copied(self) -> AsyncIterator[Retention]:
        """The service on copies of both, with epoch keys and a journal of its own."""
        with ExitStack() as opened:
            retention = opened.enter_context(_copy_of(self.retention))
            keyring = opened.enter_context(_copy_of(self.keyring))
            home = Path(opened.enter_context(TemporaryDirectory()))
            shutil.copytree(self.place.stack.keys, home / "keys")
            await self.place.run_script(CHECKPOINT)
            async with wired(self.place.stack, retention, keyring, home) as service:
                yield service


@asynccontextmanager
async def prepared(place: Place) -> AsyncIterator[Prepared]:
    """Two databases at their newest migrations, to be filled and left alone before the rounds."""
    await asyncio.to_thread(prepare_templates, place.stack)
    with (
        fresh_database(place.stack, Owner.RETENTION) as retention,
        fresh_database(place.stack, "keyring") as keyring,
    ):
        yield Prepared(place, retention, keyring)


@asynccontextmanager
async def wired(
    stack: Stack, retention: FreshDatabase, keyring: FreshDatabase, home: Path
) -> AsyncIterator[Retention]:
    """The service on these databases, as its process puts it together; nothing of it runs yet."""
    settings = _settings(stack, retention, keyring, home)
    shared = SharedSettings(home=home, environment="development")
    pools = await open_pools(Owner.RETENTION, settings)
    try:
        log = PostgresLog(
            pools.own, Owner.RETENTION, views=DECLARED.views, effects=DECLARED.effects
        )
        ground = make_ground(log, make_stamp(Owner.RETENTION, shared), pools, settings, shared)
        yield Retention(ground, Wiring.from_settings(settings).build(ground), log)
    finally:
        await pools.close()


def _settings(
    stack: Stack, retention: FreshDatabase, keyring: FreshDatabase, home: Path
) -> RetentionSettings:
    return RetentionSettings.model_validate(
        {
            "http_port": stack.ports.service("retention"),
            "database_url": retention.url(),
            "keyring_url": keyring.url(Owner.RETENTION),
            "kafka_servers": stack.kafka_servers,
            "public_url": stack.gateway_url,
            "keys_dir": home / "keys",
            "keyring_backup_url": keyring.url(KEYRING_BACKUP),
            "keyring_backups_dir": home / "backups",
            "postgres_programs_dir": programs(),
            "secrets_dir": stack.secrets,
            "smtp_port": stack.ports.smtp,
        }
    )


@contextmanager
def _copy_of(filled: FreshDatabase) -> Iterator[FreshDatabase]:
    """A copy of a database that nobody is connected to, dropped afterwards."""
    name = f"{filled.name}_copy_{next(_numbers)}"
    visitors = databases.visitors(filled.kind)
    databases.make_database(filled.stack, name, visitors=visitors, template=filled.name)
    try:
        yield FreshDatabase(filled.stack, filled.kind, name)
    finally:
        databases.drop_database(filled.stack, name)
