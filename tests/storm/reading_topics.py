"""Reads every topic from its beginning to its end."""

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.native.stack import SERVICES, Stack
from tests.storm.asking import once
from tests.storm.bus_noise import MARK, partitions_of
from tests.storm.dumps import Posted


async def read_topics(stack: Stack) -> tuple[list[Posted], dict[tuple[str, int], int]]:
    """Every message of every service's topic, and where each partition ends."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=stack.kafka_servers, isolation_level="read_committed"
    )
    try:
        await consumer.start()
        places = partitions_of([f"{name}.events" for name in SERVICES])
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found = await _read_until(consumer, ends)
    finally:
        await consumer.stop()
    return found, {(place.topic, place.partition): end for place, end in ends.items()}


async def _read_until(consumer: Any, ends: dict[TopicPartition, int]) -> list[Posted]:
    found: list[Posted] = []
    while any([await consumer.position(place) < end for place, end in ends.items()]):
        for batch in (await consumer.getmany(timeout_ms=1000)).values():
            found.extend(map(_posted, batch))
    return found


def _posted(message: Any) -> Posted:
    headers = dict(message.headers)
    version = headers.get("ce_recordversion", b"")
    return Posted(
        topic=once(message.topic),
        partition=message.partition,
        offset=message.offset,
        event_id=_text(headers.get("ce_id")),
        record=_text(headers.get("ce_subject")),
        version=int(version) if version.isdigit() else None,
        is_garbage=MARK in headers,
    )


def _text(raw: bytes | None) -> str | None:
    return once(raw.decode("utf-8", errors="replace")) if raw else None
