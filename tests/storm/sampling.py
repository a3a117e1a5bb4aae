"""What is looked at now and then while faults rage: offsets, the journal, memory, queues, disk."""

import asyncio
import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.native.stack import SERVICES, Stack
from libs.keyring.journal import Head, JournalBroken, find_head
from tests.storm.asking import ask
from tests.storm.away import AWAY
from tests.storm.bounds import MEMORY_MEGABYTES_MAX
from tests.storm.processes import NotHit, Processes
from tests.storm.transport import Sample

LOOK_AGAIN_SECONDS = 3.0
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Samples:
    """What was seen while the storm raged."""

    offsets: list[Sample] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    memory_bytes: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    queue_rows: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


async def sample(stack: Stack, samples: Samples, stopped: asyncio.Event) -> None:
    """Look again and again until the storm is over; what is away is looked at next time."""
    processes = Processes(stack)
    while not stopped.is_set():
        for service in SERVICES:
            try:
                await _sample_service(stack, service, samples)
            except AWAY:
                continue
        try:
            samples.heads.append(find_head(stack.journal))
        except JournalBroken:
            samples.heads.append(Head(-1, "it could not be read"))
        await asyncio.to_thread(_sample_memory, processes, samples)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _sample_service(stack: Stack, service: str, samples: Samples) -> None:
    waiting = (await ask(stack, service, "count_waiting"))[0]
    samples.queue_rows[f"{service}, unsent"].append(waiting["outbox"])
    samples.queue_rows[f"{service}, owed"].append(waiting["effects"])
    samples.offsets.extend(await _sample_offsets(stack, service))


async def _sample_offsets(stack: Stack, service: str) -> list[Sample]:
    """Why: Kafka is asked first and Postgres only moves on, so a larger figure there is ahead."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_servers, request_timeout_ms=5000)
    try:
        await admin.start()
        told = await admin.list_consumer_group_offsets(service)
    finally:
        await admin.close()
    rows = await ask(stack, service, "read_offsets")
    stored = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    return [
        (service, place.topic, place.partition, one.offset, stored.get(place, 0))
        for place, one in told.items()
    ]


def _sample_memory(processes: Processes, samples: Samples) -> None:
    for name in MEMORY_MEGABYTES_MAX:
        try:
            pages = Path(f"/proc/{processes.pid_of(name)}/statm").read_text(encoding="ascii")
        except (NotHit, OSError):
            continue
        samples.memory_bytes[name].append(int(pages.split()[1]) * PAGE_BYTES)


def disk_bytes(folder: Path) -> int:
    """What a folder takes on the disk; what goes meanwhile is not counted."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(place, name).lstat().st_blocks * 512
            except FileNotFoundError:
                continue
    return total
