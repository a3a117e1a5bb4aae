"""What a faulty neighbour would put on the bus: repeats, and what nobody can read."""

from collections.abc import Collection
from random import Random
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.native.stack import Stack
from deploy.native.topics import declared
from tests.storm.processes import NotHit

MARK = "storm-garbage"
"""The header by which the checkers know what the storm itself put there."""

Headers = list[tuple[str, bytes]]
REPEATS, GARBAGE = 40, 6
KAFKA_MILLISECONDS = 8000


def partitions_of(topics: Collection[str]) -> list[TopicPartition]:
    """Every partition of these topics, as they are declared."""
    return [
        TopicPartition(one.name, number)
        for one in declared()
        if one.name in topics
        for number in range(one.partitions)
    ]


async def repeat_messages(stack: Stack, topic: str, draw: Random) -> int:
    """Send some of a topic's messages again, byte for byte; gives how many.

    Raises: NotHit, when the topic is empty still.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=stack.kafka_servers, request_timeout_ms=KAFKA_MILLISECONDS
    )
    try:
        await consumer.start()
        places = partitions_of([topic])
        consumer.assign(places)
        found = await _some(consumer, places, draw)
    finally:
        await consumer.stop()
    if not found:
        message = f"{topic} holds nothing to repeat"
        raise NotHit(message)
    await _send(
        stack, topic, [(one.key, one.value, list(one.headers), one.partition) for one in found]
    )
    return len(found)


async def spill_garbage(stack: Stack, topic: str, draw: Random) -> int:
    """Send messages that no service can read, under keys that are nobody's; gives how many."""
    messages = [_garbage(draw) for _ in range(GARBAGE)]
    await _send(stack, topic, [(*one, None) for one in messages])
    return len(messages)


async def _some(
    consumer: AIOKafkaConsumer, places: list[TopicPartition], draw: Random
) -> list[Any]:
    ends = await consumer.end_offsets(places)
    filled = [place for place in places if ends[place]]
    found: list[Any] = []
    for place in filled:
        consumer.seek(place, draw.randrange(ends[place]))
    wanted = REPEATS if filled else 0
    while len(found) < wanted:
        batches = await consumer.getmany(timeout_ms=500, max_records=wanted - len(found))
        fresh = [one for batch in batches.values() for one in batch]
        if not fresh:
            break
        found.extend(one for one in fresh if MARK not in dict(one.headers))
    return found


async def _send(stack: Stack, topic: str, messages: list[tuple[Any, ...]]) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=stack.kafka_servers,
        enable_idempotence=True,
        request_timeout_ms=KAFKA_MILLISECONDS,
    )
    try:
        await producer.start()
        for key, value, headers, partition in messages:
            await producer.send_and_wait(
                topic, value, key=key, headers=headers, partition=partition
            )
    finally:
        await producer.stop()


def _garbage(draw: Random) -> tuple[bytes, bytes, Headers]:
    number = f"{draw.getrandbits(32)}".encode()
    if draw.random() < 0.5:
        return b"\xff no id " + number, b"\0 not json", [("ce_type", b"\xff"), (MARK, number)]
    record = str(UUID(int=draw.getrandbits(128), version=4))
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(UUID(int=draw.getrandbits(128), version=4)),
        "ce_source": "/flux3d/quotes",
        "ce_type": "nl.flux3d.QuoteRequested",
        "ce_subject": record,
        "ce_time": "2026-12-01T12:00:00Z",
        "ce_dataversion": "99",
        "ce_recordversion": "1",
        "ce_correlationid": record,
    }
    made: Headers = [(name, text.encode()) for name, text in headers.items()]
    return record.encode(), b'{"language": "en"}', [*made, (MARK, number)]
