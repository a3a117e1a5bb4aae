"""What waits in each service, read from its database and from Kafka, also when it is down."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from deploy.native.stack import SERVICES, Stack
from libs.events.database import Pool
from libs.events.errors import Unavailable
from libs.events.hearing_stop import current_stop
from libs.events.own_topic import LogIsBehind, OwnTopic
from libs.events.postgres_rows import QUERIES as LOG_QUERIES
from libs.events.values import Owner
from ops.log_readers import QUERIES, reader
from ops.outcome import Away

KAFKA_SECONDS = 10.0


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits in one service.

    Shape: `lag` is none where Kafka is away, and everything is none where the database is.
    Units: ages in seconds of the stack's clock; `lag` in messages by topic.
    """

    service: str
    away: str | None = None
    outbox_rows: int | None = None
    outbox_refused: int | None = None
    outbox_age_seconds: float | None = None
    parked: dict[str, int] | None = None
    effects_waiting: int | None = None
    hearing_stopped: str | None = None
    log_is_behind: str | None = None
    lag: dict[str, int] | None = None


class Erasures(msgspec.Struct, frozen=True):
    """The erasures that are not completed yet; none known where retention's database is away.

    Shape: of `asked_again` an owner did not answer in time.
    """

    under_way: int | None
    oldest_at: datetime | None
    oldest_age_seconds: float | None
    asked_again: int | None


async def measure(stack: Stack, now: datetime) -> tuple[list[Waiting], Erasures]:
    """What waits in every service, and the erasures under way."""
    waiting, erasures = await asyncio.gather(
        asyncio.gather(*(_measure(stack, service, now) for service in SERVICES)),
        _erasures(stack, now),
    )
    return waiting, erasures


async def _measure(stack: Stack, service: str, now: datetime) -> Waiting:
    try:
        async with reader(stack, service) as pool:
            outbox = await pool.fetchrow(LOG_QUERIES["measure_outbox"])
            parked = await pool.fetch(LOG_QUERIES["count_parked"])
            effects = await pool.fetchval(LOG_QUERIES["count_effects"])
            offsets = await pool.fetch(LOG_QUERIES["list_offsets"])
            stop = await current_stop(pool)
            behind = await _behind(stack.kafka_servers, service, pool)
    except (Away, Unavailable) as error:
        return Waiting(service=service, away=str(error))
    return Waiting(
        service=service,
        outbox_rows=outbox["waiting"],
        outbox_refused=outbox["refused"],
        outbox_age_seconds=_age_seconds(outbox["oldest_at"], now) or 0.0,
        parked={row["topic"]: row["messages"] for row in parked},
        effects_waiting=effects,
        hearing_stopped=str(stop) if stop else None,
        log_is_behind=behind,
        lag=await _lag(stack.kafka_servers, offsets),
    )


async def _behind(servers: str, service: str, pool: Pool) -> str | None:
    """Why the service sends nothing although it could; none where Kafka is away."""
    check = OwnTopic(servers, Owner(service)).check(pool)
    try:
        await asyncio.wait_for(check, KAFKA_SECONDS)
    except LogIsBehind as error:
        return str(error)
    except (Unavailable, TimeoutError):
        return None
    return None


async def _lag(servers: str, offsets: list[Any]) -> dict[str, int] | None:
    """How many messages of each topic were not taken in yet."""
    taken = {
        TopicPartition(row["topic"], row["kafka_partition"]): row["next_offset"] for row in offsets
    }
    try:
        ends = await asyncio.wait_for(_ends(servers, list(taken)), KAFKA_SECONDS)
    except (KafkaError, OSError, TimeoutError):
        return None
    lag: Counter[str] = Counter()
    for partition, end in ends.items():
        lag[partition.topic] += max(0, end - taken[partition])
    return dict(lag)


async def _ends(servers: str, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=servers)
    try:
        await consumer.start()
        return dict(await consumer.end_offsets(partitions)) if partitions else {}
    finally:
        await consumer.stop()


async def _erasures(stack: Stack, now: datetime) -> Erasures:
    try:
        async with reader(stack, "retention") as pool:
            row = await pool.fetchrow(QUERIES["measure_erasures"])
    except (Away, Unavailable):
        return Erasures(None, None, None, None)
    age_seconds = _age_seconds(row["oldest_at"], now)
    return Erasures(row["under_way"], row["oldest_at"], age_seconds, row["asked_again"])


def _age_seconds(since: datetime | None, now: datetime) -> float | None:
    return round(max(0.0, (now - since).total_seconds()), 1) if since else None
