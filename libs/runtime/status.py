"""What waits in a service: unsent facts, unheard messages, parked ones, effects; as figures."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from libs.events.clock import Clock
from libs.events.database import Pool
from libs.events.hearing_stop import current_stop
from libs.events.postgres_log import database_errors
from libs.events.postgres_rows import QUERIES
from libs.events.telemetry import EFFECTS_WAITING, OUTBOX_AGE_SECONDS, OUTBOX_ROWS, PARKED


class Offset(msgspec.Struct, frozen=True):
    """How far one partition was taken in, and when it last moved."""

    topic: str
    partition: int
    next_offset: int
    moved_at: datetime


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that waits, as an operator asks for it.

    Units: ages in seconds of the stack's clock.
    """

    service: str
    now: datetime
    outbox_rows: int
    outbox_refused: int
    outbox_age_seconds: float
    parked: dict[str, int]
    effects_waiting: int
    hearing_stopped: str | None
    lag: dict[str, int]
    offsets: tuple[Offset, ...]


class Measures:
    """Reads what waits in one service's database, and keeps its metrics fresh."""

    def __init__(
        self, service: str, pool: Pool, clock: Clock, lag: Callable[[], dict[str, int]]
    ) -> None:
        """Measure this service; `lag` gives the unheard messages by topic."""
        self._service = service
        self._pool = pool
        self._clock = clock
        self._lag = lag

    async def status(self) -> Status:
        """Everything that waits now.

        Raises: Unavailable, when the database is away.
        """
        with database_errors():
            outbox = await self._pool.fetchrow(QUERIES["measure_outbox"])
            parked = await self._pool.fetch(QUERIES["count_parked"])
            effects = await self._pool.fetchval(QUERIES["count_effects"])
            offsets = await self._pool.fetch(QUERIES["list_offsets"])
            stop = await current_stop(self._pool)
        now = self._clock.now()
        oldest_at = outbox["oldest_at"]
        age_seconds = max(0.0, (now - oldest_at).total_seconds()) if oldest_at else 0.0
        return Status(
            service=self._service,
            now=now,
            outbox_rows=outbox["waiting"],
            outbox_refused=outbox["refused"],
            outbox_age_seconds=age_seconds,
            parked={row["topic"]: row["messages"] for row in parked},
            effects_waiting=effects,
            hearing_stopped=str(stop) if stop else None,
            lag=self._lag(),
            offsets=tuple(_offset(row) for row in offsets),
        )

    async def refresh(self) -> None:
        """Set the metrics to what waits now."""
        status = await self.status()
        OUTBOX_ROWS.set(status.outbox_rows)
        OUTBOX_AGE_SECONDS.set(status.outbox_age_seconds)
        PARKED.clear()
        for topic, messages in status.parked.items():
            PARKED.labels(topic).set(messages)
        EFFECTS_WAITING.set(status.effects_waiting)


def _offset(row: Any) -> Offset:
    return Offset(
        topic=row["topic"],
        partition=row["kafka_partition"],
        next_offset=row["next_offset"],
        moved_at=row["moved_at"],
    )
