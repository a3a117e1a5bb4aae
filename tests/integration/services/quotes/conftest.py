"""Quotes on databases of its own, for each test."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from libs.doors.app import make_app
from libs.doors.keys import DoorKeys, read_link_secret
from libs.doors.mail import Mailer
from libs.doors.tokens import TokenVerifier
from libs.events.clock import MovableClock
from libs.events.postgres_log import PostgresLog
from libs.events.values import Owner
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import FileEpochKeys
from libs.keyring.postgres_keyring import PostgresKeyring
from libs.runtime.ground import Ground, Pools, make_ground, make_stamp, open_pools
from libs.runtime.settings import SharedSettings
from services.quotes.main import DECLARED, Wiring
from services.quotes.settings import QuotesSettings
from tests.integration.services.quotes.running import Running


@pytest.fixture
def keyring(database: Callable[[str], FreshDatabase]) -> FreshDatabase:
    """A keyring's database that nobody else uses."""
    return database("keyring")


@pytest.fixture
def settings(
    stack: Stack, database: Callable[[str], FreshDatabase], keyring: FreshDatabase
) -> QuotesSettings:
    """Settings for databases that nobody else uses."""
    return QuotesSettings.model_validate(
        {
            "http_port": stack.ports.service("quotes"),
            "database_url": database("quotes").url(),
            "keyring_url": keyring.url("quotes"),
            "kafka_servers": stack.kafka_servers,
            "public_url": stack.gateway_url,
            "keys_dir": stack.keys,
            "secrets_dir": stack.secrets,
            "smtp_port": stack.ports.smtp,
        }
    )


@pytest.fixture
async def running(
    stack: Stack, settings: QuotesSettings, keyring: FreshDatabase, tmp_path: Path
) -> AsyncIterator[Running]:
    """The service as it is wired in production, asked without a socket."""
    shared = SharedSettings(home=tmp_path, environment="development", clock="movable")
    async with AsyncExitStack() as opened:
        pools = await open_pools(Owner.QUOTES, settings)
        opened.push_async_callback(pools.close)
        retention_pool = await opened.enter_async_context(
            asyncpg.create_pool(keyring.url("retention"), min_size=0)
        )
        running = _wire(settings, shared, pools)
        running.retention = PostgresKeyring(
            retention_pool, FileEpochKeys(stack.keys), KeyCache(lambda: 0.0)
        )
        opened.push_async_callback(running.http.aclose)
        yield running


def _wire(settings: QuotesSettings, shared: SharedSettings, pools: Pools) -> Running:
    """The service joined up as its process does it."""
    stamp = make_stamp(Owner.QUOTES, shared)
    log = PostgresLog(pools.own, Owner.QUOTES, views=DECLARED.views, effects=DECLARED.effects)
    ground = make_ground(log, stamp, pools, settings, shared)
    mailer = Mailer(port=settings.smtp_port)
    wiring = Wiring(mailer=mailer, expiry_every_seconds=1, abandoned_every_seconds=1)
    built = wiring.build(ground)
    app = make_app("quotes", [built.router], keys=_keys(ground), refusals=built.refusals)
    assert isinstance(ground.clock, MovableClock)
    return Running(
        http=httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://quotes"),
        pools=pools,
        ground=ground,
        built=built,
        log=log,
        clock=ground.clock,
        retention=ground.keyring,
        signing_pem=(settings.secrets_dir / "token-signing.pem").read_bytes(),
    )


def _keys(ground: Ground) -> DoorKeys:
    """What the doors trust."""
    return DoorKeys(
        clock=ground.clock,
        tokens=TokenVerifier.from_file(ground.secrets_dir / "token-verify.pem"),
        pool=ground.pool,
        secret=read_link_secret(ground.secrets_dir, Owner.QUOTES),
    )
