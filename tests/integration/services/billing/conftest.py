"""Billing on databases and a bucket of its own, for each test."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest
from minio import Minio

from deploy.native.buckets import client
from deploy.native.stack import Stack
from deploy.native.testing import FreshDatabase
from libs.doors.app import make_app
from libs.doors.keys import DoorKeys, read_link_secret
from libs.doors.tokens import TokenVerifier
from libs.events.clock import MovableClock
from libs.events.postgres_log import PostgresLog
from libs.events.values import Owner
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import FileEpochKeys
from libs.keyring.keyring import Keyring
from libs.keyring.postgres_keyring import PostgresKeyring
from libs.runtime.ground import Ground, make_ground, make_stamp, open_pools
from libs.runtime.settings import SharedSettings
from services.billing.main import DECLARED, Wiring
from services.billing.settings import BillingSettings
from services.billing.store.invoice_shelf import MinioShelf
from tests.integration.services.billing.running import Running


@pytest.fixture
def keyring(database: Callable[[str], FreshDatabase]) -> FreshDatabase:
    """A keyring's database that nobody else uses."""
    return database("keyring")


@pytest.fixture
def store(stack: Stack) -> Minio:
    """A client of the real object store."""
    return client(stack)


@pytest.fixture
def bucket(store: Minio) -> Iterator[str]:
    """An empty bucket that nobody else uses."""
    name = f"test-{uuid4()}"
    store.make_bucket(name)
    yield name
    for one in store.list_objects(name, recursive=True):
        store.remove_object(name, str(one.object_name))
    store.remove_bucket(name)


@pytest.fixture
def settings(
    stack: Stack, database: Callable[[str], FreshDatabase], keyring: FreshDatabase, bucket: str
) -> BillingSettings:
    """Settings for parts that nobody else uses."""
    return BillingSettings.model_validate(
        {
            "http_port": stack.ports.service("billing"),
            "database_url": database("billing").url(),
            "keyring_url": keyring.url("billing"),
            "kafka_servers": stack.kafka_servers,
            "public_url": stack.gateway_url,
            "keys_dir": stack.keys,
            "secrets_dir": stack.secrets,
            "s3_endpoint": stack.s3_endpoint,
            "s3_access_key": stack.secret("s3-access.key"),
            "s3_secret_key": stack.secret("s3-secret.key"),
            "s3_bucket": bucket,
        }
    )


@pytest.fixture
async def running(
    stack: Stack, settings: BillingSettings, keyring: FreshDatabase, store: Minio, tmp_path: Path
) -> AsyncIterator[Running]:
    """The service as it is wired in production, asked without a socket."""
    shared = SharedSettings(home=tmp_path, environment="development", clock="movable")
    async with AsyncExitStack() as opened:
        pools = await open_pools(Owner.BILLING, settings)
        opened.push_async_callback(pools.close)
        log = PostgresLog(pools.own, Owner.BILLING, views=DECLARED.views, effects=DECLARED.effects)
        ground = make_ground(log, make_stamp(Owner.BILLING, shared), pools, settings, shared)
        assert isinstance(ground.clock, MovableClock)
        built = Wiring(settings).build(ground)
        app = make_app("billing", [built.router], keys=_keys(ground), refusals=built.refusals)
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://billing")
        opened.push_async_callback(http.aclose)
        yield Running(
            http=http,
            pools=pools,
            ground=ground,
            built=built,
            log=log,
            clock=ground.clock,
            quotes=await _keyring_of("quotes", keyring, stack, opened),
            retention=await _keyring_of("retention", keyring, stack, opened),
            shelf=MinioShelf(store, settings.s3_bucket),
            signing_pem=(settings.secrets_dir / "token-signing.pem").read_bytes(),
        )


async def _keyring_of(
    role: str, keyring: FreshDatabase, stack: Stack, opened: AsyncExitStack
) -> Keyring:
    pool = await opened.enter_async_context(asyncpg.create_pool(keyring.url(role), min_size=0))
    return PostgresKeyring(pool, FileEpochKeys(stack.keys), KeyCache(lambda: 0.0))


def _keys(ground: Ground) -> DoorKeys:
    return DoorKeys(
        clock=ground.clock,
        tokens=TokenVerifier.from_file(ground.secrets_dir / "token-verify.pem"),
        pool=ground.pool,
        secret=read_link_secret(ground.secrets_dir, Owner.BILLING),
    )
