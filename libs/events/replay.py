"""Rebuild a view from Kafka beside the live one, compare, and switch: no effect, no event."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.events.catalogue import topic_of
from libs.events.database import Connection, Pool
from libs.events.errors import NotFound, Refused, Unreadable
from libs.events.message import from_message
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.postgres_rows import QUERIES, to_recorded
from libs.events.recorded import Recorded
from libs.events.view import View, apply_views

LOG = structlog.get_logger("replay")
Mode = Literal["dry-run", "verify", "switch"]
FETCH_MILLISECONDS = 500
BATCH_MESSAGES = 5000
DIFFERENCES_SHOWN = 10


class ReplayRefused(Refused):
    """The rebuild cannot begin or go on; the live view is as it was."""

    title = "The rebuild was refused; the live view is as it was."


class ReplayProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a rebuild has come, and at its end what was found."""

    view: str
    phase: Literal["counting", "reading", "catching up", "done"]
    read: int = 0
    total: int = 0
    repeats: int = 0
    unreadable: int = 0
    events: dict[str, int] = {}
    rows_live: int | None = None
    rows_rebuilt: int | None = None
    digest_live: str | None = None
    digest_rebuilt: str | None = None
    equal: bool | None = None
    differing: tuple[str, ...] = ()
    switched: bool = False


class Seen:
    """How far each record was read: a repeat changes nothing, a gap is noticed."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._versions: dict[UUID, int] = {}
        self.repeats = 0
        self.unreadable = 0

    def fresh(self, facts: Sequence[Recorded | None]) -> list[Recorded]:
        """Those facts not read before, in order.

        Raises: ReplayRefused, when a fact is missing before one of them.
        """
        self.unreadable += sum(fact is None for fact in facts)
        return [fact for fact in facts if fact and self._is_next(fact)]

    def _is_next(self, fact: Recorded) -> bool:
        last = self._versions.get(fact.record, 0)
        if fact.version <= last:
            self.repeats += 1
            return False
        if fact.version != last + 1:
            message = (
                f"record {fact.record} jumps from version {last} to {fact.version} on the topic"
            )
            raise ReplayRefused(message)
        self._versions[fact.record] = fact.version
        return True


class Replay:
    """Rebuilds the views of one service; one rebuild at a time."""

    def __init__(self, log: PostgresLog, servers: str, *, topic: str | None = None) -> None:
        """Rebuild the views of `log` from its owner's topic."""
        self._pool = log.pool
        self._owner = log.owner
        self._topic = topic or topic_of(log.owner)
        self._views = {view.name: view for view in log.views}
        self._servers = servers
        self._busy = asyncio.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """The views that can be rebuilt."""
        return tuple(self._views)

    async def run(self, name: str, mode: Mode) -> AsyncIterator[ReplayProgress]:
        """Rebuild a view; gives progress as it goes and the findings at its end.

        Raises: NotFound, when there is no such view; ReplayRefused, when another rebuild is under
        way or the topic cannot be read whole.
        """
        if name not in self._views:
            message = f"there is no view {name}; there are {', '.join(self._views)}"
            raise NotFound(message)
        if self._busy.locked():
            message = "another rebuild is under way in this service"
            raise ReplayRefused(message)
        async with self._busy:
            steps = self._count(name) if mode == "dry-run" else self._rebuild(name, mode)
            async for progress in steps:
                yield progress

    async def _count(self, name: str) -> AsyncIterator[ReplayProgress]:
        heard = {event.__name__ for event in self._views[name].hears}
        events: Counter[str] = Counter()
        read = total = 0
        async for facts, total in self._read_topic():
            read += len(facts)
            events.update(fact.name for fact in facts if fact and fact.name in heard)
            yield ReplayProgress(view=name, phase="counting", read=read, total=total)
        yield ReplayProgress(
            view=name, phase="done", read=read, total=total, events=dict(events.most_common())
        )

    async def _rebuild(self, name: str, mode: Mode) -> AsyncIterator[ReplayProgress]:
        view, seen, read, total = self._views[name], Seen(), 0, 0
        with database_errors():
            settled = await self._settled()
            await self._pool.execute(QUERIES["make_shadow"], name)
            try:
                async for facts, total in self._read_topic():
                    await self._fold(view, seen.fresh(facts))
                    read += len(facts)
                    yield ReplayProgress(view=name, phase="reading", read=read, total=total)
                yield ReplayProgress(view=name, phase="catching up", read=read, total=total)
                await self._fold(view, seen.fresh(await self._since(self._pool, settled)))
                found = await self._finish(view, seen, settled, switch=mode == "switch")
                yield msgspec.structs.replace(
                    found,
                    read=read,
                    total=total,
                    repeats=seen.repeats,
                    unreadable=seen.unreadable,
                )
            finally:
                await self._pool.execute(QUERIES["drop_shadow"], name)

    async def _settled(self) -> str:
        """A transaction before which everything is committed and acknowledged by Kafka."""
        settled: str = await self._pool.fetchval(QUERIES["settled_transaction"])
        for _ in range(300):
            if not await self._pool.fetchval(QUERIES["count_unsent_before"], settled):
                return settled
            await asyncio.sleep(0.1)
        message = "the outbox does not drain; is Kafka up? Nothing was rebuilt"
        raise ReplayRefused(message)

    async def _fold(self, view: View[Any], facts: Sequence[Recorded]) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await self._fold_in(connection, view, facts)

    async def _fold_in(
        self, connection: Connection, view: View[Any], facts: Sequence[Recorded]
    ) -> None:
        await connection.execute(QUERIES["use_shadow"], view.name)
        await apply_views(connection, [view], facts)
        await connection.execute(QUERIES["use_live"])

    async def _since(self, source: Pool | Connection, settled: str) -> list[Recorded]:
        rows = await source.fetch(QUERIES["read_since"], settled)
        return [to_recorded(row, self._owner) for row in rows]

    async def _finish(
        self, view: View[Any], seen: Seen, settled: str, *, switch: bool
    ) -> ReplayProgress:
        """Keep writers out, take in the last facts, compare, and switch in the same transaction."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(QUERIES["lock_view"], view.name)
            await self._fold_in(
                connection, view, seen.fresh(await self._since(connection, settled))
            )
            found = await self._compare(connection, view.name)
            if switch:
                await connection.execute(QUERIES["switch_view"], view.name)
                found = msgspec.structs.replace(found, switched=True)
        return found

    async def _compare(self, connection: Connection, name: str) -> ReplayProgress:
        live = await connection.fetchrow(QUERIES["digest_live"], name)
        rebuilt = await connection.fetchrow(QUERIES["digest_shadow"], name)
        equal = live["digest"] == rebuilt["digest"]
        rows = (
            []
            if equal
            else await connection.fetch(QUERIES["differing_rows"], name, DIFFERENCES_SHOWN)
        )
        return ReplayProgress(
            view=name,
            phase="done",
            rows_live=live["row_count"],
            rows_rebuilt=rebuilt["row_count"],
            digest_live=live["digest"],
            digest_rebuilt=rebuilt["digest"],
            equal=equal,
            differing=tuple(f"{row['side']}: {row['row_text'][:200]}" for row in rows),
        )

    async def _read_topic(self) -> AsyncIterator[tuple[list[Recorded | None], int]]:
        """The facts of the owner's topic up to its present end, a batch at a time."""
        consumer = AIOKafkaConsumer(
            self._topic,
            bootstrap_servers=self._servers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            places = await _all_partitions(consumer, self._topic)
            ends = await consumer.end_offsets(places)
            await consumer.seek_to_beginning(*places)
            async for facts in _read_until(consumer, ends):
                yield facts, sum(ends.values())
        finally:
            await consumer.stop()


async def _all_partitions(consumer: Any, topic: str) -> list[TopicPartition]:
    """The partitions that a consumer without a group was given: all there are."""
    for _ in range(50):
        if places := consumer.assignment():
            return sorted(places)
        await asyncio.sleep(0.1)
    message = f"Kafka knows no topic {topic}"
    raise ReplayRefused(message)


async def _read_until(
    consumer: Any, ends: dict[TopicPartition, int]
) -> AsyncIterator[list[Recorded | None]]:
    open_places = {place for place, end in ends.items() if await consumer.position(place) < end}
    while open_places:
        batches = await consumer.getmany(
            *open_places, timeout_ms=FETCH_MILLISECONDS, max_records=BATCH_MESSAGES
        )
        heard = [
            one
            for place, messages in batches.items()
            for one in messages
            if one.offset < ends[place]
        ]
        if heard:
            yield [_read(one) for one in heard]
        for place in list(open_places):
            if await consumer.position(place) >= ends[place]:
                open_places.discard(place)


def _read(message: Any) -> Recorded | None:
    """The fact a message carries; none when it cannot be read.

    Why: what is no fact of ours is left out and counted. Were it one of ours, its record would
    show a gap or the digests would differ.
    """
    try:
        return from_message(message.key, message.value, message.headers)
    except Unreadable as error:
        LOG.warning(
            "message_left_out",
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            reason=str(error),
        )
        return None
