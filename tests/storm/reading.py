"""Reads every store of a healed and drained stack into one dump."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.native.stack import OWNER, SERVICES, Stack
from libs.events.queries import load_queries
from services.retention.app.certificate import CertificateForged, Certifier
from tests.storm.bus_noise import MARK, partitions_of
from tests.storm.conservation import VIEWS
from tests.storm.dumps import Dump, ErasureDump, Fact, Parked, Posted, Row, ServiceDump

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))
CERTIFICATE_KEY = "certificate-signing.pem"
Place = tuple[str, str]
Asker = Any


async def read_everything(stack: Stack) -> Dump:
    """The dump of a stack; nothing is written to do it."""
    services = {name: await _read_service(stack, name) for name in SERVICES}
    topics, ends = await _read_topics(stack)
    views = {view: await _read_view(stack, owner, view) for view, (owner, _) in VIEWS.items()}
    views["consent_history"] = await _read_view(stack, "consent", "consent_history")
    erased, held = await _read_erasing(stack)
    return Dump(
        services=services,
        topics=topics,
        ends=ends,
        views=views,
        erased=erased,
        held=held,
        erasures=await _read_erasures(stack),
        keys=await _read_places(stack, "read_keys"),
        holds=await _read_places(stack, "read_holds"),
        situations=await _read_situations(stack),
    )


async def ask(stack: Stack, database: str, query: str, role: str = "operator") -> list[Asker]:
    """The rows of one statement."""
    connection = await asyncpg.connect(stack.database_url(role, database))
    try:
        return list(await connection.fetch(QUERIES[query]))
    finally:
        await connection.close()


async def _read_service(stack: Stack, name: str) -> ServiceDump:
    asked = ("read_log", "read_heard", "read_parked", "read_offsets", "count_waiting")
    log, heard, parked, offsets, waiting = await asyncio.gather(
        *(ask(stack, name, query) for query in asked)
    )
    return ServiceDump(
        log=[_fact(row) for row in log],
        heard={(row["topic"], row["record"]): row["last_version"] for row in heard},
        held_back=[_held_back(row) for row in heard if row["held_back"]],
        parked=[Parked(**row) for row in map(dict, parked)],
        offsets={(row["topic"], row["partition"]): row["next_offset"] for row in offsets},
        outbox=waiting[0]["outbox"],
        effects=waiting[0]["effects"],
    )


def _held_back(row: Asker) -> Place:
    return row["topic"], row["record"]


def _fact(row: Asker) -> Fact:
    return Fact(
        event_id=row["event_id"],
        record=row["record"],
        version=row["version"],
        name=row["name"],
        causation_id=row["causation_id"],
        trace=row["trace"] or None,
    )


async def _read_view(stack: Stack, owner: str, view: str) -> list[Row]:
    return [Row(**dict(row)) for row in await ask(stack, owner, f"read_{view}")]


async def _read_erasing(stack: Stack) -> tuple[dict[Place, str], dict[Place, frozenset[str]]]:
    erased: dict[Place, str] = {}
    held: dict[Place, set[str]] = defaultdict(set)
    for row in await ask(stack, "retention", "read_erasing"):
        said = json.loads(row["data"])
        if row["name"] == "RecordErased":
            for category in said["categories"]:
                erased[row["record"], category] = said["erasure"]
        if row["name"] == "RecordHeld":
            held[row["record"], said["category"]].add(said["erasure"])
    return erased, {place: frozenset(by) for place, by in held.items()}


async def _read_erasures(stack: Stack) -> list[ErasureDump]:
    certifier = Certifier.from_file(stack.keys / CERTIFICATE_KEY)
    rows = await ask(stack, "retention", "read_erasure_progress")
    return [_erasure(row, certifier) for row in rows]


def _erasure(row: Asker, certifier: Certifier) -> ErasureDump:
    bare = ErasureDump(row["erasure"], frozenset(row["records"]), row["completed"])
    if not row["completed"]:
        return bare
    try:
        content = certifier.read(row["certificate"])
    except CertificateForged:
        return ErasureDump(bare.erasure, bare.records, bare.completed, is_signed=False)
    return ErasureDump(
        bare.erasure,
        bare.records,
        bare.completed,
        certified=_places(content.erased),
        certified_held=_places(content.held),
        is_signed=str(content.erasure) == bare.erasure,
    )


def _places(parts: Iterable[Any]) -> frozenset[Place]:
    return frozenset((str(part.record), str(part.category)) for part in parts)


async def _read_places(stack: Stack, query: str) -> frozenset[Place]:
    rows = await ask(stack, "keyring", query, OWNER)
    return frozenset((row["record"], row["category"]) for row in rows)


async def _read_situations(stack: Stack) -> dict[Place, str]:
    rows = await ask(stack, "retention", "read_clock")
    return {(row["record"], row["category"]): row["state"] for row in rows}


async def _read_topics(stack: Stack) -> tuple[list[Posted], dict[tuple[str, int], int]]:
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
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        event_id=_text(headers.get("ce_id")),
        record=_text(headers.get("ce_subject")),
        version=int(version) if version.isdigit() else None,
        is_garbage=MARK in headers,
    )


def _text(raw: bytes | None) -> str | None:
    return raw.decode("utf-8", errors="replace") if raw else None
