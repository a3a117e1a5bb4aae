"""Parked messages for operators: look at them, try them again, or drop them with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.events.database import Connection
from libs.events.errors import NotFound, Refused
from libs.events.handle import Stamp
from libs.events.hearing import Aside, Progress, Reason
from libs.events.hearing_stop import Stop, resume_hearing
from libs.events.inbox import Inbox
from libs.events.parked_rows import park_columns, read_parked
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.postgres_rows import QUERIES
from libs.events.work import Work


@dataclass(frozen=True)
class ParkedView:
    """A parked message as an operator sees it; its content stays sealed and unshown."""

    parked_id: int
    topic: str
    partition: int
    offset: int
    record: UUID | None
    version: int | None
    name: str | None
    reason: str
    detail: str
    first_seen_at: datetime
    last_seen_at: datetime
    retries: int


@dataclass(frozen=True)
class Retried:
    """How many messages of the record went through, and how many are parked still."""

    taken: int
    still_parked: int


@dataclass(frozen=True)
class RetriedMany:
    """How many records were tried, what went through, what parked again, and where to go on.

    Shape: `next` is the id to go on after; none when all were tried.
    """

    records: int
    taken: int
    parked_again: int
    next: int | None


@dataclass(frozen=True)
class DroppedView:
    """A message that was left out for good: by whom, why and when."""

    parked_id: int
    topic: str
    partition: int
    offset: int
    record: UUID | None
    name: str | None
    reason: str
    because: str
    by: str
    dropped_at: datetime


class NotStopped(Refused):
    """The service was hearing; there is nothing to resume."""

    title = "The service is hearing; there is nothing to resume."


class Parking:
    """The parked messages of one service."""

    def __init__(self, inbox: Inbox, log: PostgresLog, stamp: Stamp) -> None:
        """Try messages again through `inbox`."""
        self._inbox = inbox
        self._log = log
        self._stamp = stamp

    async def list(self, *, after: int = 0, limit: int = 100) -> Sequence[ParkedView]:
        """A page of parked messages, oldest first, after the id `after`."""
        with database_errors():
            rows = await self._log.pool.fetch(QUERIES["list_parked"], after, limit)
        return [_view(row) for row in rows]

    async def show(self, parked_id: int) -> ParkedView:
        """One parked message.

        Raises: NotFound.
        """
        with database_errors():
            return _view(_there(await self._log.pool.fetchrow(QUERIES["find_parked"], parked_id)))

    async def retry(self, parked_id: int) -> Retried:
        """Take in the message and those of its record that wait behind it, in their order.

        Raises: NotFound.
        """
        with database_errors():
            async with self._log.pool.acquire() as connection, connection.transaction():
                row = _there(await connection.fetchrow(QUERIES["find_parked"], parked_id))
                retried = await self._retry_record(connection, row, drop=None)
        self._log.appended.set()
        return retried

    async def retry_many(
        self, reason: Reason | None, *, after: int = 0, limit: int = 100
    ) -> RetriedMany:
        """Take in what is parked for a reason, or for any: some records after an id, one by one.

        Why: each record is a transaction of its own, so that one that fails undoes no other.
        """
        chosen = reason.value if reason else None
        with database_errors():
            rows = await self._log.pool.fetch(QUERIES["records_parked"], chosen, after, limit)
        tried = [await self._retry_if_there(row["parked_id"]) for row in rows]
        return RetriedMany(
            records=sum(one is not None for one in tried),
            taken=sum(one.taken for one in tried if one),
            parked_again=sum(one.still_parked for one in tried if one),
            next=rows[-1]["parked_id"] if len(rows) == limit else None,
        )

    async def _retry_if_there(self, parked_id: int) -> Retried | None:
        """The retry; none when somebody else was faster."""
        try:
            return await self.retry(parked_id)
        except NotFound:
            return None

    async def list_drops(self, *, after: int = 0, limit: int = 100) -> Sequence[DroppedView]:
        """A page of what was left out for good, oldest first, after the id `after`."""
        with database_errors():
            rows = await self._log.pool.fetch(QUERIES["list_drops"], after, limit)
        return [_drop_view(row) for row in rows]

    async def resume(self, *, by: str) -> Stop:
        """Let a service that stopped hearing go on; who did so is kept.

        Raises: NotStopped.
        """
        with database_errors():
            async with self._log.pool.acquire() as connection, connection.transaction():
                ended = await resume_hearing(connection, by=by, now=self._stamp.clock.now())
        if ended is None:
            message = "hearing was not stopped"
            raise NotStopped(message)
        return ended

    async def drop(self, parked_id: int, *, because: str, by: str) -> Retried:
        """Leave the message out for good, keep who did it and why, and take in what waited behind.

        Raises: NotFound.
        """
        with database_errors():
            async with self._log.pool.acquire() as connection, connection.transaction():
                row = _there(await connection.fetchrow(QUERIES["find_parked"], parked_id))
                await connection.execute(
                    QUERIES["note_drop"],
                    *(
                        row[name]
                        for name in (
                            "parked_id",
                            "topic",
                            "kafka_partition",
                            "kafka_offset",
                            "record",
                            "name",
                            "reason",
                        )
                    ),
                    because,
                    by,
                    self._stamp.clock.now(),
                )
                retried = await self._retry_record(connection, row, drop=parked_id)
        self._log.appended.set()
        return retried

    async def _retry_record(self, connection: Connection, row: Any, drop: int | None) -> Retried:
        topic, record = row["topic"], row["record"]
        # Held as a batch of the inbox holds it, so that neither parks behind the other's back.
        await connection.fetch(QUERIES["lock_offsets"], [topic], [row["kafka_partition"]])
        if record is None:
            return await self._retry_alone(connection, row, drop)
        rows = await connection.fetch(QUERIES["lock_parked_of_record"], topic, record)
        before = await self._inbox.progress_of(connection, topic, [record])
        after = {record: Progress(before[record].last_version)}
        work = Work(connection, self._stamp, self._log.load_many)
        done: list[int] = []
        asides: list[Aside] = []
        for one in rows:
            if one["parked_id"] == drop:
                waiting = [other["version"] for other in rows if other is not one]
                after[record] = _step_over(after[record], one["version"], waiting)
                done.append(one["parked_id"])
                continue
            message = read_parked(one)
            set_aside = await self._inbox.take(work, after, message, self._inbox.read(message))
            if set_aside is None:
                done.append(one["parked_id"])
            else:
                asides.append(set_aside)
        await self._log.write(connection, work.appends)
        await self._inbox.note(connection, topic, before, after)
        await self._keep(connection, done, asides)
        return Retried(taken=len(done) - (drop is not None), still_parked=len(asides))

    async def _retry_alone(self, connection: Connection, row: Any, drop: int | None) -> Retried:
        if drop is not None:
            await connection.execute(QUERIES["delete_parked"], [drop])
            return Retried(taken=0, still_parked=0)
        reading = self._inbox.read(read_parked(row))
        await self._keep(connection, [], [reading] if isinstance(reading, Aside) else [])
        return Retried(taken=0, still_parked=1)

    async def _keep(
        self, connection: Connection, done: Sequence[int], asides: Sequence[Aside]
    ) -> None:
        await connection.execute(QUERIES["delete_parked"], list(done))
        for one in asides:
            place = (one.message.topic, one.message.partition)
            columns = park_columns([one])
            now = self._stamp.clock.now()
            await connection.execute(QUERIES["park_messages"], *place, *columns, now)


def _step_over(progress: Progress, version: int | None, waiting: Sequence[int | None]) -> Progress:
    """How far the record is heard without the dropped message.

    Why: one that does not say its version was a fact of the record only if just that one is missing
         before those that wait; were it taken for one otherwise, the next fact would be a repeat.
    """
    last = progress.last_version
    if version is None:
        following = min((one for one in waiting if one is not None), default=None)
        version = last + 1 if following == last + 2 else last
    return Progress(max(last, version))


def _there(row: Any) -> Any:
    if row is None:
        message = "no such parked message"
        raise NotFound(message)
    return row


def _view(row: Any) -> ParkedView:
    return ParkedView(
        parked_id=row["parked_id"],
        topic=row["topic"],
        partition=row["kafka_partition"],
        offset=row["kafka_offset"],
        record=row["record"],
        version=row["version"],
        name=row["name"],
        reason=row["reason"],
        detail=row["detail"],
        first_seen_at=row["first_seen_at"],
        last_seen_at=row["last_seen_at"],
        retries=row["retries"],
    )


def _drop_view(row: Any) -> DroppedView:
    return DroppedView(
        parked_id=row["parked_id"],
        topic=row["topic"],
        partition=row["kafka_partition"],
        offset=row["kafka_offset"],
        record=row["record"],
        name=row["name"],
        reason=row["reason"],
        because=row["dropped_because"],
        by=row["dropped_by"],
        dropped_at=row["dropped_at"],
    )
