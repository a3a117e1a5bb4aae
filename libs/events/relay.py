"""The relay: committed facts to Kafka in order, at least once, by one process at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from opentelemetry.trace import SpanKind

from libs.events.catalogue import topic_of
from libs.events.database import Connection
from libs.events.errors import Unavailable
from libs.events.letter import Letter, letter_of
from libs.events.own_topic import OwnTopic
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.postgres_rows import QUERIES
from libs.events.refill import QUERIES as HOLDING
from libs.events.refill import SHARD
from libs.events.sending import BATCH_BYTES, Handed, Sending, acknowledged_beginning
from libs.events.telemetry import RELAYED, TRACER

LOG = structlog.get_logger("relay")
OF_SESSION, OF_TRANSACTION = False, True
MakeProducer = Callable[[], Awaitable[AIOKafkaProducer]]


class LostOwnership(Exception):
    """A newer relay took over; this one deletes nothing any more."""


@dataclass(frozen=True)
class Pace:
    """How much the relay takes at once and how long it waits.

    Shape: a relay that asks the database nothing for `lease_seconds` has lost its turn.
    Units: seconds.
    """

    batch_events: int = 1000
    backlog_events: int = 50_000
    backlog_seconds: float = 2.0
    poll_seconds: float = 0.2
    election_seconds: float = 1.0
    acknowledge_seconds: float = 30.0
    backoff_seconds: float = 1.0
    lease_seconds: float = 60.0


def make_producer(servers: str) -> MakeProducer:
    """How a relay gets its producer: idempotent, acknowledged by all, never transactional."""

    async def start() -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=servers,
            acks="all",
            enable_idempotence=True,
            linger_ms=2,
            compression_type="zstd",
            max_batch_size=BATCH_BYTES,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    return start


class Relay:
    """Sends what waits in the outbox, and deletes it only when Kafka has acknowledged it."""

    def __init__(
        self,
        log: PostgresLog,
        producer: MakeProducer,
        *,
        topic: str | None = None,
        pace: Pace | None = None,
        own_topic: OwnTopic | None = None,
    ) -> None:
        """Relay the outbox of `log`, woken by its appends and by the clock.

        Shape: nothing is sent while `own_topic` has facts that the log lacks.
        """
        self._log = log
        self._make_producer = producer
        self._topic = topic or topic_of(log.owner)
        self._pace = pace or Pace()
        self._own_topic = own_topic
        self.is_elected = False

    async def run(self) -> None:
        """Relay for ever; start again with a new producer and a new epoch after any trouble."""
        while True:
            try:
                await self._serve()
            except (KafkaError, Unavailable, LostOwnership, TimeoutError, OSError) as error:
                LOG.warning("relay_stopped", reason=type(error).__name__)
                await asyncio.sleep(self._pace.backoff_seconds)

    async def _serve(self) -> None:
        with database_errors():
            async with self._log.pool.acquire() as connection:
                try:
                    epoch = await self._elected(connection)
                    while True:
                        await self._wait_while_held(connection, epoch)
                        await self._look_at_own_topic()
                        await self._send_until_held(connection, epoch)
                finally:  # the lock of the elected goes with its session
                    connection.terminate()

    async def _look_at_own_topic(self) -> None:
        """Raises: LogIsBehind; the next election looks again."""
        if self._own_topic is not None:
            await self._own_topic.check(self._log.pool)

    async def _send_until_held(self, connection: Connection, epoch: int) -> None:
        producer = await self._make_producer()
        self.is_elected = True
        try:
            await self._drain_until_held(connection, producer, epoch)
        finally:
            self.is_elected = False
            await producer.stop()

    async def _wait_while_held(self, connection: Connection, epoch: int) -> None:
        """Send nothing while an operator asks so, and say that nothing is under way."""
        while await self._is_asked_to_hold(connection):
            await connection.execute(HOLDING["note_held"], SHARD, epoch)
            await _wait(self._log.appended, self._pace.poll_seconds)
            self._log.appended.clear()

    async def _is_asked_to_hold(self, connection: Connection) -> bool:
        row = await connection.fetchrow(HOLDING["read_hold"], SHARD)
        return row["hold_asked_at"] is not None

    async def _elected(self, connection: Connection) -> int:
        """Wait for this relay's turn; gives its epoch.

        Why: a frozen process keeps its session, and with it the lock, unless silence ends both.
             Nothing this session does later need outlive a crash: a row that comes back is sent
             again, and known to whoever heard it. Waiting for the disk was half of a short cycle.
        """
        lease = f"{round(self._pace.lease_seconds * 1000)}ms"
        await connection.fetchval(QUERIES["end_when_silent"], lease)
        await connection.fetch(QUERIES["walk_indexes"], OF_SESSION)
        while not await connection.fetchval(QUERIES["elect_relay"], SHARD):  # noqa: ASYNC110 - no event of ours tells when another process lets go
            await asyncio.sleep(self._pace.election_seconds)
        epoch: int = await connection.fetchval(QUERIES["begin_epoch"], SHARD)
        await connection.fetchval(QUERIES["commit_unhurried"])
        return epoch

    async def _drain_until_held(
        self, connection: Connection, producer: AIOKafkaProducer, epoch: int
    ) -> None:
        while True:
            self._log.appended.clear()
            sent = await self.drain_once(connection, producer, epoch)
            if sent >= self._pace.batch_events:
                await self.drain_backlog(connection, producer, epoch)
            elif not sent:
                if await self._is_asked_to_hold(connection):
                    return
                await _wait(self._log.appended, self._pace.poll_seconds)

    async def drain_once(
        self, connection: Connection, producer: AIOKafkaProducer, epoch: int
    ) -> int:
        """Send one batch and delete what was acknowledged; gives how many rows went.

        Shape: nothing goes while an operator asks to hold.
        Raises: LostOwnership, when a newer epoch began; KafkaError, when a send failed: what was
        acknowledged before it is deleted, the rest waits in order.
        """
        rows = await connection.fetch(QUERIES["read_outbox"], self._pace.batch_events, SHARD)
        if not rows:
            return 0
        handed = await self._hand_over(Sending(producer, self._topic), rows)
        return await self._finish(connection, handed, epoch)

    async def drain_backlog(
        self, connection: Connection, producer: AIOKafkaProducer, epoch: int
    ) -> int:
        """Send what waits now, for a while; one batch is read, one sent, one deleted at a time.

        Why:    all of it is read as it stood at one moment. What is committed later waits for its
                turn, also where its place is an earlier one; so a record keeps its order.
        Raises: as `drain_once` does.
        """
        sending, size = Sending(producer, self._topic), self._pace.batch_events
        sent, under_way = 0, Handed()
        clock = asyncio.get_running_loop().time
        async with self._log.pool.acquire() as reading, reading.transaction(readonly=True):
            await reading.fetch(QUERIES["walk_indexes"], OF_TRANSACTION)
            waiting = await reading.cursor(
                QUERIES["read_outbox"], self._pace.backlog_events, SHARD, prefetch=None
            )
            until = clock() + self._pace.backlog_seconds
            rows = await waiting.fetch(size)
            while rows:
                more = waiting.fetch(size) if clock() < until else _none()
                rows, under_way, done = await _side_by_side(
                    more,
                    self._hand_over(sending, rows),
                    self._finish(connection, under_way, epoch),
                )
                sent += done
            return sent + await self._finish(connection, under_way, epoch)

    async def _hand_over(self, sending: Sending, rows: Sequence[Any]) -> Handed:
        with TRACER.start_as_current_span("relay.batch", kind=SpanKind.PRODUCER) as span:
            span.set_attribute("flux3d.events", len(rows))
            return await sending.hand_over([letter_of(row, self._log.owner) for row in rows])

    async def _finish(self, connection: Connection, handed: Handed, epoch: int) -> int:
        """Wait for the acknowledgements and delete what has one; gives how many rows went."""
        for letter in handed.refused:
            await self._refuse(connection, letter)
        sent, trouble = await self._acknowledged(handed)
        await self._delete(connection, sent, epoch)
        RELAYED.inc(len(sent))
        if trouble is not None:
            raise trouble
        return len(sent)

    async def _acknowledged(self, handed: Handed) -> tuple[list[int], BaseException | None]:
        answers = [one.acknowledged for one in handed.parcels]
        if answers:
            await asyncio.wait(answers, timeout=self._pace.acknowledge_seconds)
        return acknowledged_beginning(handed.parcels)

    async def _refuse(self, connection: Connection, letter: Letter) -> None:
        reason = "the message is larger than Kafka takes"
        await connection.execute(QUERIES["refuse_sent"], letter.position, reason)
        LOG.error("fact_refused_by_kafka", record=letter.key.decode())

    async def _delete(self, connection: Connection, positions: list[int], epoch: int) -> None:
        if not positions:
            return
        deleted = await connection.fetch(QUERIES["delete_sent"], positions, SHARD, epoch)
        if len(deleted) != len(positions):
            raise LostOwnership


async def _side_by_side(*doing: Coroutine[Any, Any, Any]) -> list[Any]:
    """What each came to; when one fails the others are ended before it is told."""
    tasks = [asyncio.ensure_future(one) for one in doing]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _none() -> list[Any]:
    return []


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
