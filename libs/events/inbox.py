"""The inbox: each heard fact has its effect exactly once, and only its own record can be held up.

The next offset of a partition lies in the same database as the effect and moves in the same
transaction; Kafka's own committed offsets serve lag tools only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

import asyncpg
import structlog
from opentelemetry.trace import SpanKind

from libs.events.catalogue import TOPICS
from libs.events.clock import Clock
from libs.events.codec import Decode, decode_event
from libs.events.database import Connection
from libs.events.errors import Conflict, FluxError, Refused, Unavailable
from libs.events.event import Event
from libs.events.handle import Stamp
from libs.events.hearing import (
    NEVER_HEARD,
    Aside,
    Heard,
    Progress,
    Reason,
    Verdict,
    aside,
    read_heard,
    records_of,
    weigh,
)
from libs.events.hearing_stop import HearingStopped, Stop, current_stop, stop_when_too_many
from libs.events.noting import Progresses, noting
from libs.events.parked_rows import park_columns
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.postgres_rows import QUERIES
from libs.events.recorded import Recorded
from libs.events.refill import QUERIES as REFILL
from libs.events.same_topic import event_id_of
from libs.events.telemetry import BATCH_SECONDS, DUPLICATES, HEARD, REFUSED, continued_span
from libs.events.together import together
from libs.events.values import Owner
from libs.events.view import Statement
from libs.events.work import Reaction, Work

LOG = structlog.get_logger("inbox")
TRIES = 5
NOBODYS = 0
Place = tuple[str, int]


@dataclass(frozen=True)
class Turn:
    """A partition in the hands of one owner; the next claim of it ends the turn.

    Why: a batch belongs to the turn it was fetched in. Kept in a later turn of the same process,
    it would step over what was dropped between them.
    """

    topic: str
    partition: int
    epoch: int


Batch = tuple[Turn, Sequence[Heard]]
Readings = tuple[Turn, Sequence[tuple[Heard, Recorded | Aside]]]


class LostPartition(FluxError):
    """Another consumer owns the partition now; what this one holds is dropped, nothing is lost."""


class Inbox:
    """Takes heard messages in: what follows and the offset are kept in one transaction."""

    def __init__(
        self,
        log: PostgresLog,
        stamp: Stamp,
        reactions: Mapping[type[Event], Reaction],
        topics: Mapping[str, Owner] = TOPICS,
        decode: Decode = decode_event,
    ) -> None:
        """React to events with `reactions`, and keep what follows in `log`."""
        self._decode = decode
        self._topics = topics
        self._log = log
        self._stamp = stamp
        self._reactions = dict(reactions)
        self._epochs: dict[Place, int] = {}

    @property
    def clock(self) -> Clock:
        """The clock that parked messages are dated by."""
        return self._stamp.clock

    async def claim(self, places: Collection[Place]) -> dict[Place, int]:
        """Become the owner of these partitions; gives the offset to go on from for each."""
        topics, partitions = [topic for topic, _ in places], [number for _, number in places]
        with database_errors():
            rows = await self._log.pool.fetch(QUERIES["claim_partitions"], topics, partitions)
        starts: dict[Place, int] = {}
        for row in rows:
            place = (row["topic"], row["kafka_partition"])
            self._epochs[place] = row["owner_epoch"]
            starts[place] = row["next_offset"]
        return starts

    async def last_heard(self, places: Collection[Place]) -> dict[Place, UUID]:
        """The event that was taken in last, by partition, where it is known."""
        topics, partitions = [topic for topic, _ in places], [number for _, number in places]
        with database_errors():
            rows = await self._log.pool.fetch(REFILL["find_last_heard"], topics, partitions)
        return {(row["topic"], row["kafka_partition"]): row["last_event_id"] for row in rows}

    def turn(self, topic: str, partition: int) -> Turn:
        """The partition as it is held now; one never claimed is held by nobody."""
        return Turn(topic, partition, self._epochs.get((topic, partition), NOBODYS))

    async def apply(self, topic: str, partition: int, messages: Sequence[Heard]) -> None:
        """Take in messages of one partition, fetched since it was claimed."""
        await self.apply_in_turn(self.turn(topic, partition), messages)

    async def apply_in_turn(self, turn: Turn, messages: Sequence[Heard]) -> None:
        """Take in messages of one partition, in their order, while the turn lasts.

        Shape: messages before the stored offset are dropped; the same batch twice changes nothing.
        Raises: LostPartition, when another consumer took over; Unavailable, when something this
        needs is away: nothing was kept, hand the same batch in again; HearingStopped, when too much
        was parked: nothing more is to be handed in until an operator resumes.
        """
        try:
            await self._apply_patiently(turn, messages)
        except (LostPartition, Unavailable, HearingStopped, asyncpg.SyntaxOrAccessError):
            raise
        except Exception as error:  # noqa: BLE001 - the message at fault is parked with its reason
            await self._apply_apart(turn, messages, error)

    async def apply_together(self, batches: Sequence[Batch]) -> bool:
        """Take in messages of several partitions in one transaction; says whether they are kept.

        Shape: when anything is in the way nothing is kept; each batch in its own turn tells what.
        Raises: HearingStopped.
        """
        try:
            await self._apply_once(batches)
        except HearingStopped:
            raise
        except Exception as error:  # noqa: BLE001 - nothing was kept, and it is met again apart
            LOG.info("batches_apart", reason=type(error).__name__, partitions=len(batches))
            return False
        return True

    async def _apply_patiently(self, turn: Turn, messages: Sequence[Heard]) -> None:
        for _ in range(TRIES - 1):
            try:
                return await self._apply_once([(turn, messages)])
            except Conflict:
                continue
        return await self._apply_once([(turn, messages)])

    async def _apply_apart(self, turn: Turn, messages: Sequence[Heard], error: Exception) -> None:
        """Take messages in one by one when they cannot be kept together; park the one at fault."""
        if len(messages) == 1:
            return await self._set_aside(turn, messages[0], error)
        for message in messages:
            await self.apply_in_turn(turn, [message])
        return None

    async def _set_aside(self, turn: Turn, message: Heard, error: Exception) -> None:
        detail = f"{type(error).__name__} while keeping what followed"
        reading = self.read(message)
        one = (
            reading
            if isinstance(reading, Aside)
            else aside(message, Reason.REACTION_FAILED, detail)
        )
        with database_errors():
            async with self._log.pool.acquire() as connection, connection.transaction():
                starts = await self._lock(connection, [turn])
                before = await self.progress_of(connection, turn.topic, records_of([one]))
                after = dict(before)
                held = self._hold(after, one)
                await self.note(connection, turn.topic, before, after)
                await self._park(connection, turn, [held] if held else [])
                text, arguments = _moving(starts, [(turn, [message])])
                await connection.execute(text, *arguments)
                stop = await self._weigh_parked(connection, [turn.topic] if held else [])
        _say_stopped(stop)

    async def _apply_once(self, batches: Sequence[Batch]) -> None:
        stop, has_written = None, False
        with database_errors(), BATCH_SECONDS.time():
            async with self._log.pool.acquire() as connection, connection.transaction():
                starts = await self._lock(connection, [turn for turn, _ in batches])
                fresh = _fresh(batches, starts)
                if fresh:
                    work, notes, parked = await self._take_batches(connection, fresh)
                    await self._keep(work, [*notes, _moving(starts, fresh)])
                    stop = await self._weigh_parked(connection, parked)
                    has_written = bool(work.appends)
        if has_written:
            self._log.appended.set()
        _say_stopped(stop)

    def read(self, message: Heard) -> Recorded | Aside:
        """The fact a message carries, or the message set aside as unreadable."""
        return read_heard(message, self._topics, self._decode)

    async def _lock(self, connection: Connection, turns: Sequence[Turn]) -> dict[Turn, int]:
        """Where each partition stands, held until the end of the transaction."""
        places = [turn.topic for turn in turns], [turn.partition for turn in turns]
        rows = {
            (row["topic"], row["kafka_partition"], row["owner_epoch"]): row
            for row in await connection.fetch(QUERIES["lock_offsets"], *places)
        }
        found = [rows.get((turn.topic, turn.partition, turn.epoch)) for turn in turns]
        if None in found:
            raise LostPartition
        if any(row["is_stopped"] for row in rows.values()):
            _say_stopped(await current_stop(connection))
        return {turn: row["next_offset"] for turn, row in zip(turns, found, strict=True) if row}

    async def _keep(self, work: Work, beside: Sequence[Statement]) -> None:
        """Write what followed, and beside it how far everything was heard, in one statement."""
        if work.appends:
            await self._log.write(work.connection, work.appends, beside=beside)
        else:
            text, arguments = together(*beside)
            await work.connection.execute(text, *arguments)

    async def _take_batches(
        self, connection: Connection, batches: Sequence[Batch]
    ) -> tuple[Work, list[Statement], list[str]]:
        """Take messages in; gives what followed, progress to note, and topics with parked ones."""
        work = Work(connection, self._stamp, self._log.load_many)
        read = [(turn, [(one, self.read(one)) for one in messages]) for turn, messages in batches]
        await work.prefetch(self._ours([one for _, some in read for _, one in some]))
        notes: list[Statement] = []
        parked: list[str] = []
        for topic, some in groupby(read, key=lambda one: one[0].topic):
            noting, count = await self._take_topic(work, topic, list(some))
            notes += noting
            if count:
                parked.append(topic)
        return work, notes, parked

    async def _take_topic(
        self, work: Work, topic: str, batches: Sequence[Readings]
    ) -> tuple[list[Statement], int]:
        """Take in messages of partitions of one topic; gives its progress, and how many parked."""
        connection, found = work.connection, 0
        records = records_of([one for _, some in batches for _, one in some])
        before = await self.progress_of(connection, topic, records)
        after = dict(before)
        for turn, some in batches:
            taken = [await self.take(work, after, message, one) for message, one in some]
            asides = [one for one in taken if one is not None]
            await self._park(connection, turn, asides)
            HEARD.labels(topic).inc(len(some))
            found += len(asides)
        return noting(topic, before, after), found

    async def _weigh_parked(self, connection: Connection, topics: Sequence[str]) -> Stop | None:
        for topic in topics:
            if stop := await stop_when_too_many(connection, topic, self.clock.now()):
                return stop
        return None

    def _ours(self, readings: Sequence[Recorded | Aside]) -> set[UUID]:
        return {
            one.record
            for one in readings
            if isinstance(one, Recorded) and type(one.event) in self._reactions
        }

    async def progress_of(
        self, connection: Connection, topic: str, records: Collection[UUID]
    ) -> Progresses:
        """How far these records were heard."""
        rows = await connection.fetch(QUERIES["find_heard"], topic, list(records))
        found = {row["record"]: Progress(row["last_version"], row["held_back"]) for row in rows}
        return {record: found.get(record, NEVER_HEARD) for record in records}

    async def note(
        self, connection: Connection, topic: str, before: Progresses, after: Progresses
    ) -> None:
        """Remember the progress that changed."""
        for text, arguments in noting(topic, before, after):
            await connection.execute(text, *arguments)

    async def take(
        self, work: Work, progresses: Progresses, message: Heard, reading: Recorded | Aside
    ) -> Aside | None:
        """Decide what follows from one message, or set it aside; the progress moves with it."""
        if isinstance(reading, Aside):
            return self._hold(progresses, reading)
        progress = progresses[reading.record]
        match weigh(progress, reading.version):
            case Verdict.TAKE:
                return await self._react(work, progresses, message, reading)
            case Verdict.REPEAT:
                DUPLICATES.labels(message.topic).inc()
                return None
            case Verdict.HOLD:
                return self._hold(progresses, aside(message, Reason.HELD_BACK, ""))
            case Verdict.GAP:
                detail = f"version {reading.version} came after {progress.last_version}"
                return self._hold(progresses, aside(message, Reason.GAP, detail))

    def _hold(self, progresses: Progresses, one: Aside) -> Aside | None:
        if one.record is not None:
            progress = progresses[one.record]
            if one.version is not None and one.version <= progress.last_version:
                return None
            progresses[one.record] = Progress(progress.last_version, held_back=True)
        LOG.error(
            "message_parked",
            reason=one.reason.value,
            record=str(one.record),
            topic=one.message.topic,
            partition=one.message.partition,
            offset=one.message.offset,
        )
        return one

    async def _react(
        self, work: Work, progresses: Progresses, message: Heard, heard: Recorded
    ) -> Aside | None:
        reaction = self._reactions.get(type(heard.event))
        failed = await self._run(reaction, work, message, heard) if reaction else None
        if failed is not None:
            return self._hold(progresses, failed)
        progresses[heard.record] = Progress(heard.version)
        return None

    async def _run(
        self, reaction: Reaction, work: Work, message: Heard, heard: Recorded
    ) -> Aside | None:
        name = f"inbox {heard.name}"
        with continued_span(name, heard.traceparent, SpanKind.CONSUMER):
            try:
                with work.attempt():
                    await reaction(heard, work)
            except Refused as refusal:
                REFUSED.labels(heard.name).inc()
                LOG.warning(
                    "reaction_refused",
                    reason=type(refusal).__name__,
                    record=str(heard.record),
                    event_id=str(heard.event_id),
                )
            except (Unavailable, Conflict):
                raise
            except OSError as error:  # the machine's trouble, not the message's: tried again
                what = f"what the reaction needs is away ({type(error).__name__})"
                raise Unavailable(what) from error
            except Exception as error:  # a fault of ours holds up this record only
                detail = f"{type(error).__name__} in the reaction to {heard.name}"
                LOG.exception("reaction_failed", record=str(heard.record), name=heard.name)
                return aside(message, Reason.REACTION_FAILED, detail)
        return None

    async def _park(self, connection: Connection, turn: Turn, asides: Sequence[Aside]) -> None:
        if not asides:
            return
        place, columns = (turn.topic, turn.partition), park_columns(asides)
        await connection.execute(QUERIES["park_messages"], *place, *columns, self.clock.now())


def _moving(starts: Mapping[Turn, int], batches: Sequence[Batch]) -> Statement:
    """What moves partitions on.

    Why: their rows were locked and seen to be this owner's, so each of them does move.
    """
    moves = [
        (one.topic, one.partition, starts[one], one.epoch, last.offset + 1, event_id_of(last))
        for one, (*_, last) in batches
    ]
    return Statement(QUERIES["move_offsets"], [list(column) for column in zip(*moves, strict=True)])


def _say_stopped(stop: Stop | None) -> None:
    if stop is not None:
        raise HearingStopped(str(stop))


def _fresh(batches: Sequence[Batch], starts: Mapping[Turn, int]) -> list[Batch]:
    """What was not taken in yet, by topic."""
    fresh = [
        (turn, [one for one in messages if one.offset >= starts[turn]])
        for turn, messages in sorted(batches, key=lambda batch: batch[0].topic)
    ]
    return [(turn, messages) for turn, messages in fresh if messages]
