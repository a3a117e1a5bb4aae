"""Puts messages on the bus that no service can read, as a fault or a newer release would."""

from uuid import uuid4

from aiokafka import AIOKafkaProducer

from deploy.native.stack import Stack
from tests.journeys.calling import CANARY

Headers = list[tuple[str, bytes]]


async def spoil(stack: Stack, topic: str) -> int:
    """Garbage and a fact of a later version in every partition; gives how many messages."""
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka_servers)
    await producer.start()
    try:
        partitions = sorted(await producer.partitions_for(topic))
        for partition in partitions:
            for key, value, headers in (_garbage(), _of_the_future()):
                await producer.send_and_wait(
                    topic, value, key=key, partition=partition, headers=headers
                )
        return 2 * len(partitions)
    finally:
        await producer.stop()


def _garbage() -> tuple[bytes, bytes, Headers]:
    return (
        b"\xff no id",
        f"\0{CANARY}".encode(),
        [("ce_type", b"\xff"), ("content-type", b"application/json")],
    )


def _of_the_future() -> tuple[bytes, bytes, Headers]:
    record = str(uuid4())
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid4()),
        "ce_source": "/flux3d/quotes",
        "ce_type": "nl.flux3d.QuoteRequested",
        "ce_subject": record,
        "ce_time": "2026-12-01T12:00:00Z",
        "ce_dataversion": "99",
        "ce_recordversion": "1",
        "ce_correlationid": str(uuid4()),
    }
    value = f'{{"language": "en", "mood": "{CANARY}"}}'
    return (
        record.encode(),
        value.encode(),
        [(name, text.encode()) for name, text in headers.items()],
    )
