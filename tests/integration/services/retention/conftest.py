"""Retention on databases of its own, for each test."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.native.postgres_install import programs
from deploy.native.stack import KEYRING_BACKUP, Stack
from deploy.native.testing import FreshDatabase
from libs.doors.app import make_app
from libs.doors.keys import DoorKeys, read_link_secret
from libs.doors.tokens import TokenVerifier
from libs.events.clock import MovableClock
from libs.events.postgres_log import PostgresLog
from libs.events.values import Owner
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import FileEpochKeys
from libs.keyring.postgres_keyring import PostgresKeyring
from libs.runtime.ground import Ground, Pools, make_ground, make_stamp, open_pools
from libs.runtime.settings import SharedSettings
from services.retention.main import DECLARED, Wiring
from services.retention.settings import RetentionSettings
from tests.integration.services.retention.running import Running

MAKERS = (Owner.QUOTES, Owner.CONSENT, Owner.BILLING)


@pytest.fixture
def keyring(database: Callable[[str], FreshDatabase]) -> FreshDatabase:
    """A keyring's database that nobody else uses."""
    return database("keyring")


def own_keys(stack: Stack, home: Path) -> Path:
    """Keys of a test's own, because a shred round ends an epoch for all who share its key."""
    shutil.copytree(stack.keys, home / "keys")
    return home / "keys"


@pytest.fixture
def settings(
    stack: Stack, database: Callable[[str], FreshDatabase], keyring: FreshDatabase, tmp_path: Path
) -> RetentionSettings:
    """Settings for databases that nobody else uses."""
    return RetentionSettings.model_validate(
        {
            "http_port": stack.ports.service("retention"),
            "database_url": database("retention").url(),
            "keyring_url": keyring.url("retention"),
            "kafka_servers": stack.kafka_servers,
            "public_url": stack.gateway_url,
            "keys_dir": own_keys(stack, tmp_path),
            "keyring_backup_url": keyring.url(KEYRING_BACKUP),
            "keyring_backups_dir": tmp_path / "backups",
            "postgres_programs_dir": programs(),
            "secrets_dir": stack.secrets,
            "smtp_port": stack.ports.smtp,
        }
    )


@pytest.fixture
async def running(
    settings: RetentionSettings, keyring: FreshDatabase, tmp_path: Path
) -> AsyncIterator[Running]:
    """The service as it is wired in production, asked without a socket."""
    shared = SharedSettings(home=tmp_path, environment="development", clock="movable")
    async with AsyncExitStack() as opened:
        pools = await open_pools(Owner.RETENTION, settings)
        opened.push_async_callback(pools.close)
        running = _wire(settings, shared, pools)
        for owner in MAKERS:
            pool = await opened.enter_async_context(
                asyncpg.create_pool(keyring.url(owner), min_size=0)
            )
            epoch_keys = FileEpochKeys(settings.keys_dir)
            running.keyrings[owner] = PostgresKeyring(pool, epoch_keys, KeyCache(lambda: 0.0))
        opened.push_async_callback(running.http.aclose)
        yield running


def _wire(settings: RetentionSettings, shared: SharedSettings, pools: Pools) -> Running:
    """Put the service together as its process does."""
    stamp = make_stamp(Owner.RETENTION, shared)
    log = PostgresLog(pools.own, Owner.RETENTION, views=DECLARED.views, effects=DECLARED.effects)
    ground = make_ground(log, stamp, pools, settings, shared)
    built = Wiring.from_settings(settings).build(ground)
    app = make_app("retention", [built.router], keys=_keys(ground), refusals=built.refusals)
    assert isinstance(ground.clock, MovableClock)
    return Running(
        http=httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://retention"),
        ground=ground,
        built=built,
        log=log,
        clock=ground.clock,
        signing_pem=(settings.secrets_dir / "token-signing.pem").read_bytes(),
    )


def _keys(ground: Ground) -> DoorKeys:
    """The keys of its doors."""
    return DoorKeys(
        clock=ground.clock,
        tokens=TokenVerifier.from_file(ground.secrets_dir / "token-verify.pem"),
        pool=ground.pool,
        secret=read_link_secret(ground.secrets_dir, Owner.RETENTION),
    )
