"""When too much of what is heard must be parked, a service stops hearing and says so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from libs.events.database import Connection, Pool
from libs.events.errors import FluxError
from libs.events.hearing import Reason
from libs.events.postgres_rows import QUERIES

LOG = structlog.get_logger("inbox")


@dataclass(frozen=True)
class ParkedLimits:
    """How much may be parked before hearing stops.

    Units: messages of one topic; `share` of one.
    Why: one record that cannot be read parks itself and harms nobody. Every fifth message is no
    record's fault but a release's or a speaker's, and each one parked is work for an operator;
    fifty are enough to see the pattern. What is held back behind another is not counted.
    """

    recent_messages: int = 500
    share: float = 0.20
    parked_messages_min: int = 50


LIMITS = ParkedLimits()


class HearingStopped(FluxError):
    """Too much was parked; nothing more is heard until an operator has looked and resumes."""


@dataclass(frozen=True)
class Stop:
    """Since when a service hears nothing, and what it had parked by then."""

    topic: str
    parked_messages: int
    recent_messages: int
    stopped_at: datetime

    def __str__(self) -> str:
        """What an operator is told, and what to do."""
        return (
            f"hearing stopped at {self.stopped_at:%Y-%m-%d %H:%M:%S}Z: {self.parked_messages} of "
            f"the last {self.recent_messages} messages of {self.topic} were parked; see flux3d "
            "parked list, then flux3d parked resume"
        )


async def current_stop(source: Pool | Connection) -> Stop | None:
    """Why nothing is heard now; none while the service hears."""
    return _stop(await source.fetchrow(QUERIES["find_hearing_stop"]))


async def stop_when_too_many(
    connection: Connection, topic: str, now: datetime, limits: ParkedLimits = LIMITS
) -> Stop | None:
    """Note in this transaction that hearing stops, when too much of the topic was parked lately.

    Shape: counts the parked messages among the last ones of each partition since the last resume.
    """
    recent, held_back = limits.recent_messages, Reason.HELD_BACK.value
    row = await connection.fetchrow(QUERIES["measure_parked_share"], topic, recent, held_back)
    parked, heard = row["parked_messages"], row["recent_messages"]
    if parked < limits.parked_messages_min or parked <= limits.share * heard:
        return None
    return _stop(await connection.fetchrow(QUERIES["note_hearing_stop"], topic, parked, heard, now))


async def resume_hearing(connection: Connection, *, by: str, now: datetime) -> Stop | None:
    """End the stop and count anew from here; gives the stop that was ended, if there was one."""
    ended = _stop(await connection.fetchrow(QUERIES["end_hearing_stop"], now, by))
    if ended is not None:
        await connection.execute(QUERIES["count_parked_anew"])
        LOG.info("hearing_resumed", topic=ended.topic)
    return ended


def _stop(row: Any) -> Stop | None:
    if row is None:
        return None
    return Stop(
        topic=row["topic"],
        parked_messages=row["parked_messages"],
        recent_messages=row["recent_messages"],
        stopped_at=row["stopped_at"],
    )
