"""The relay: committed facts to Kafka in order, at least once, by one process at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from opentelemetry.trace import SpanKind

from libs.events.catalogue import topic_of
from libs.events.database import Connection
from libs.events.errors import Unavailable
from libs.events.message import to_message
from libs.events.own_topic import OwnTopic
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.postgres_rows import QUERIES, to_recorded
from libs.events.recorded import Recorded
from libs.events.refill import QUERIES as HOLDING
from libs.events.refill import SHARD
from libs.events.telemetry import RELAYED, TRACER

LOG = structlog.get_logger("relay")
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
        """
        lease = f"{round(self._pace.lease_seconds * 1000)}ms"
        await connection.fetchval(QUERIES["end_when_silent"], lease)
        while not await connection.fetchval(QUERIES["elect_relay"], SHARD):  # noqa: ASYNC110 - no event of ours tells when another process lets go
            await asyncio.sleep(self._pace.election_seconds)
        epoch: int = await connection.fetchval(QUERIES["begin_epoch"], SHARD)
        return epoch

    async def _drain_until_held(
        self, connection: Connection, producer: AIOKafkaProducer, epoch: int
    ) -> None:
        while True:
            self._log.appended.clear()
            if await self.drain_once(connection, producer, epoch):
                continue
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
        facts = [to_recorded(row, self._log.owner) for row in rows]
        with TRACER.start_as_current_span("relay.batch", kind=SpanKind.PRODUCER) as span:
            span.set_attribute("flux3d.events", len(facts))
            sent, trouble = await self._send(connection, producer, facts)
        await self._delete(connection, sent, epoch)
        RELAYED.inc(len(sent))
        if trouble is not None:
            raise trouble
        return len(sent)

    async def _send(
        self, connection: Connection, producer: AIOKafkaProducer, facts: Sequence[Recorded]
    ) -> tuple[list[int], BaseException | None]:
        under_way: list[tuple[Recorded, asyncio.Future[Any]]] = []
        refused: set[Any] = set()
        for fact in facts:
            if fact.record in refused:
                continue
            try:
                under_way.append((fact, await self._send_one(producer, fact)))
            except MessageSizeTooLargeError:
                refused.add(fact.record)
                await self._refuse(connection, fact)
        await asyncio.wait(
            [future for _, future in under_way] or [_done()], timeout=self._pace.acknowledge_seconds
        )
        return acknowledged_prefix(under_way)

    async def _send_one(self, producer: AIOKafkaProducer, fact: Recorded) -> asyncio.Future[Any]:
        message = to_message(fact)
        future: asyncio.Future[Any] = await producer.send(
            self._topic,
            key=message.key,
            value=message.value,
            headers=list(message.headers),
        )
        return future

    async def _refuse(self, connection: Connection, fact: Recorded) -> None:
        reason = "the message is larger than Kafka takes"
        await connection.execute(QUERIES["refuse_sent"], fact.position, reason)
        LOG.error("fact_refused_by_kafka", record=str(fact.record), event_id=str(fact.event_id))

    async def _delete(self, connection: Connection, positions: list[int], epoch: int) -> None:
        if not positions:
            return
        deleted = await connection.fetch(QUERIES["delete_sent"], positions, SHARD, epoch)
        if len(deleted) != len(positions):
            raise LostOwnership


def acknowledged_prefix(
    under_way: Sequence[tuple[Recorded, "asyncio.Future[Any]"]],
) -> tuple[list[int], BaseException | None]:
    """The places that may be deleted: per record, up to the first that was not acknowledged."""
    broken: set[Any] = set()
    places: list[int] = []
    trouble: BaseException | None = None
    for fact, future in under_way:
        error = _error_of(future)
        if error is not None:
            broken.add(fact.record)
            trouble = trouble or error
        elif fact.record not in broken and fact.position is not None:
            places.append(fact.position)
    return places, trouble


def _error_of(future: "asyncio.Future[Any]") -> BaseException | None:
    if not future.done():
        return TimeoutError(
            "Kafka did not acknowledge in time; whether it has the message is unknown"
        )
    if future.cancelled():
        return TimeoutError("the send was cancelled")
    return future.exception()


def _done() -> "asyncio.Future[None]":
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
