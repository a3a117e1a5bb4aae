"""The controls in Kafka: messages on a topic of their own, plain and compressed in every way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.native.stack import Stack
from deploy.native.topics import Topic, prepare_topics
from ops.scan import places
from ops.scan.expected import Expected, expected
from ops.scan.segments import CODECS as CODECS_BY_NUMBER
from ops.scan.specimens import Specimen

TOPIC = "flux3d.scan-control"
CODECS = tuple(CODECS_BY_NUMBER.values())
CONFIGURATION = {"compression.type": "producer", "file.delete.delay.ms": "0"}


@contextmanager
def kafka_control(stack: Stack, found: list[Specimen]) -> Iterator[set[Expected]]:
    """Messages that hold the control, for as long as the block runs."""
    asyncio.run(_plant(stack.kafka_servers, found))
    try:
        seen = expected(places.KAFKA_FILES, found)
        for codec in CODECS:
            seen |= expected(places.in_format(places.KAFKA_RECORDS, codec), found)
        yield seen
    finally:
        asyncio.run(_delete(stack.kafka_servers))


async def _plant(servers: str, found: list[Specimen]) -> None:
    await prepare_topics(servers, [Topic(TOPIC, 1, "scan", CONFIGURATION)])
    # The scan opens compressed batches only, so the plain one shows up where the others do not.
    for compression in (None, *CODECS):
        producer = AIOKafkaProducer(
            bootstrap_servers=servers, compression_type=compression, acks="all", linger_ms=20
        )
        await producer.start()
        try:
            await _send_all(producer, found)
        finally:
            await producer.stop()


async def _send_all(producer: AIOKafkaProducer, found: list[Specimen]) -> None:
    under_way = [
        await producer.send(TOPIC, key=raw, value=raw, headers=[("control", raw)])
        for _, raw in found
    ]
    await asyncio.gather(*under_way)


async def _delete(servers: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.delete_topics([TOPIC])
    finally:
        await admin.close()
