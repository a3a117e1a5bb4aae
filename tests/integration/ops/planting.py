"""Puts a text where it must not be: into the real stores, as a fault of ours would."""

from io import BytesIO
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaProducer

from deploy.native.buckets import client
from deploy.native.stack import Stack
from deploy.native.topics import Topic, prepare_topics
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import FileEpochKeys
from libs.keyring.keys import DataKey
from libs.keyring.postgres_keyring import PostgresKeyring

FILLING = " with a lid and a handle" * 400


async def in_postgres(stack: Stack, text: str) -> None:
    """A row that was there, was compressed, and was deleted; its page is on the disk."""
    connection = await asyncpg.connect(stack.database_url("superuser", "postgres"))
    try:
        await connection.execute("create table leak (a text); checkpoint")
        await connection.execute("insert into leak values ($1)", text + FILLING)
        await connection.execute("delete from leak")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def in_postgres_row(stack: Stack, text: str) -> None:
    """A row whose value lies compressed beside its table."""
    connection = await asyncpg.connect(stack.database_url("superuser", "quotes"))
    try:
        await connection.execute("create table kept (a jsonb)")
        await connection.execute(
            "insert into kept values (jsonb_build_object('a', $1::text))", text
        )
    finally:
        await connection.close()


async def in_kafka(stack: Stack, text: str) -> None:
    """A message in a compressed batch, on a topic that nobody hears."""
    await prepare_topics(stack.kafka_servers, [Topic("leak", 1, "test", {})])
    await _send(stack, "leak", key=b"k", value=(text + FILLING).encode())


async def read_key(stack: Stack, record: UUID) -> bytes:
    """The key of a quote, as the service that may open it gets it."""
    async with asyncpg.create_pool(stack.database_url("quotes", "keyring"), min_size=0) as pool:
        keyring = PostgresKeyring(pool, FileEpochKeys(stack.keys), KeyCache(lambda: 0.0))
        opened = (await keyring.open_keys([(record, "quote")]))[record, "quote"]
    assert isinstance(opened, DataKey)
    return opened.secret


async def unreadable(stack: Stack, text: str) -> None:
    """A message without an envelope, where the services hear billing."""
    await _send(stack, "billing.events", key=str(UUID(int=7)).encode(), value=text.encode())


async def _send(stack: Stack, topic: str, *, key: bytes, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka_servers, compression_type="zstd")
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, key=key)
    finally:
        await producer.stop()


def in_bucket(stack: Stack, text: str) -> None:
    """An object with the text in its metadata."""
    metadata: dict[str, str | list[str] | tuple[str]] = {"brief": text}
    client(stack).put_object("files", "leak", BytesIO(b"x"), 1, metadata=metadata)
