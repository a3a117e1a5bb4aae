"""The ear of a service: a FastStream batch subscriber that hands raw messages to the inbox.

FastStream decodes nothing and acknowledges nothing here: where to go on is read from Postgres
when partitions are assigned, and moves with the effect.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER

from libs.events.errors import FluxError, Unavailable
from libs.events.inbox import Inbox, LostPartition, Turn
from libs.events.same_topic import TopicIsAnother, check_same, check_whole
from libs.events.telemetry import LAG

LOG = structlog.get_logger("bus")
BATCH_MESSAGES = 1000
POLL_MILLISECONDS = 100
BACKOFF_SECONDS = 1.0
COMMIT_SECONDS = 5.0
METADATA_MILLISECONDS_MAX = 10_000
Check = Callable[[dict[tuple[str, int], int]], Awaitable[None]]


class BegunAnew(FluxError):
    """An operator had a topic heard anew: this ear ends, the next one begins at the beginning."""


class ClientEnded(FluxError):
    """The Kafka client's own upkeep ended: it would hear nothing more, and not say so."""


class Ear(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka carries no types
    """Hears some topics, from where the inbox left off.

    Shape: `failed` is done when hearing cannot go on; the process is to end and be restarted.
    """

    def __init__(
        self,
        broker: KafkaBroker,
        inbox: Inbox,
        *,
        group: str,
        topics: Sequence[str],
        instance: str = "0",
    ) -> None:
        """Subscribe on `broker`; the broker is started by its owner.

        Why: a member with a name of its own (`instance`) that was killed takes its partitions
        up again at once; a nameless one is waited for until its session is over.
        """
        self._inbox = inbox
        self._make_reader = broker.config.builder
        self._committed_at = 0.0
        self._next_offsets: dict[tuple[str, int], int] = {}
        self._behind: dict[tuple[str, int], int] = {}
        self.assigned = asyncio.Event()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._subscriber = broker.subscriber(
            *topics,
            batch=True,
            max_records=BATCH_MESSAGES,
            batch_timeout_ms=POLL_MILLISECONDS,
            group_id=group,
            group_instance_id=f"{group}-{instance}",
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=45_000,
            rebalance_timeout_ms=60_000,
            ack_policy=AckPolicy.MANUAL,
            parser=_as_they_lie,
            decoder=_undecoded,
            listener=self,
            title=f"{group}.inbox",
        )
        self._subscriber(self._hear)

    def attend(self) -> None:
        """Listen to the client that the started broker made, and watch over it."""
        self._watch_client()
        self._listen_without_pauses()

    def _listen_without_pauses(self) -> None:
        """Ask the client again when nothing came, before FastStream hears of it.

        Why: FastStream sleeps as long again as it has waited in vain, and what comes meanwhile
             waits with it: of the 22 ms that a fact took to another service's view it lay for 17.
        """
        consumer: Any = self._subscriber.consumer
        consumer.getmany = partial(_until_something_came, consumer.getmany)

    def _watch_client(self) -> None:
        """Fail when the client's upkeep ends.

        Why: uvloop answers a write to a connection that has just closed with RuntimeError, and
             aiokafka's metadata task ends of it. Whoever asks for fresh metadata then waits for
             ever: commits, heartbeats, the look for the coordinator. A storm left a service so.
        """
        upkeep: asyncio.Task[None] = self._subscriber.consumer._client._sync_task  # type: ignore[union-attr]  # noqa: SLF001 - no public sign of it
        upkeep.add_done_callback(self._upkeep_ended)

    def _upkeep_ended(self, upkeep: "asyncio.Task[None]") -> None:
        if not upkeep.cancelled():
            kind = type(upkeep.exception()).__name__
            self._fail(ClientEnded(f"the Kafka client's metadata task ended ({kind})"))

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Nothing to save: what is not kept yet is heard again by the next owner."""
        self.assigned.clear()
        LOG.info("partitions_revoked", partitions=len(revoked))

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Pause before the first await, learn from Postgres where to go on, seek, resume.

        Why: the client would deliver from its own offsets while the database is asked.
        """
        consumer: Any = self._subscriber.consumer
        consumer.pause(*assigned)
        if self.failed.done():
            return
        try:
            await self._seek(consumer, assigned)
        except TopicIsAnother as error:
            self._fail(error)
            return
        consumer.resume(*assigned)
        self.assigned.set()

    async def _seek(self, consumer: Any, assigned: Collection[TopicPartition]) -> None:
        starts = await self._patiently_claim([(one.topic, one.partition) for one in assigned])
        await self._patiently_check(starts)
        for (topic, partition), start in starts.items():
            consumer.seek(TopicPartition(topic, partition), start)
        self._next_offsets = starts

    async def _patiently_check(
        self, starts: dict[tuple[str, int], int], check: Check | None = None
    ) -> None:
        """Come back when Kafka still holds what it should, and let it take its time to answer.

        Raises: TopicIsAnother.
        """
        while starts:
            try:
                return await (check or self._check)(starts)
            except (KafkaError, Unavailable) as error:
                LOG.warning("check_waits", reason=type(error).__name__)
                await asyncio.sleep(BACKOFF_SECONDS)
        return None

    async def _check(self, starts: dict[tuple[str, int], int]) -> None:
        lasts = await self._inbox.last_heard(starts)
        async with self._reading(starts) as reader:
            await check_same(reader, starts, lasts)

    async def _check_whole(self, starts: dict[tuple[str, int], int]) -> None:
        async with self._reading(starts) as reader:
            await check_whole(reader, starts)

    @asynccontextmanager
    async def _reading(self, places: Collection[tuple[str, int]]) -> AsyncIterator[Any]:
        reader = self._make_reader(enable_auto_commit=False, auto_offset_reset="earliest")
        try:
            await reader.start()
            reader.assign([TopicPartition(*place) for place in places])
            yield reader
        finally:
            await _stop(reader)

    async def _patiently_claim(
        self, places: Sequence[tuple[str, int]]
    ) -> dict[tuple[str, int], int]:
        while True:
            try:
                return await self._inbox.claim(places)
            except Unavailable as error:
                LOG.warning("claim_waits", reason=str(error))
                await asyncio.sleep(BACKOFF_SECONDS)

    async def _hear(self, message: KafkaMessage) -> None:
        if self.failed.done():
            return
        places: dict[tuple[str, int], list[Any]] = {}
        for one in message.raw_message:
            places.setdefault((one.topic, one.partition), []).append(one)
        batches = {self._inbox.turn(*place): messages for place, messages in places.items()}
        try:
            for turn, messages in batches.items():
                await self._look_when_elsewhere((turn.topic, turn.partition), messages[0].offset)
            await self._apply_all(batches)
            await self._commit_for_lag_tools()
        except Exception as error:  # noqa: BLE001 - FastStream would log it and go on
            self._fail(error)

    async def _look_when_elsewhere(self, place: tuple[str, int], offset: int) -> None:
        """Look whether the topic is still the same when its messages come from another place.

        Why: a client that finds its place beyond the end, or before the beginning, begins at the
        beginning by itself. What lies there would be dropped as taken in already, or what is gone
        would be stepped over.
        """
        start = self._next_offsets.get(place, offset)
        if offset < start:
            await self._patiently_check({place: start})
        elif offset > start:
            await self._patiently_check({place: start}, self._check_whole)

    async def _apply_all(self, batches: Mapping[Turn, list[Any]]) -> None:
        """Take in what came at once in one transaction, or each partition in its own."""
        if len(batches) > 1 and await self._inbox.apply_together([*batches.items()]):
            for turn, messages in batches.items():
                self._note_taken(turn, messages)
            return
        for turn, messages in batches.items():
            await self._apply(turn, messages)

    def _note_taken(self, turn: Turn, messages: Sequence[Any]) -> None:
        self._next_offsets[turn.topic, turn.partition] = messages[-1].offset + 1

    async def _apply(self, turn: Turn, messages: list[Any]) -> None:
        while not await self._try_apply(turn, messages):  # noqa: ASYNC110 - tried, not polled
            await asyncio.sleep(BACKOFF_SECONDS)

    async def _try_apply(self, turn: Turn, messages: list[Any]) -> bool:
        try:
            await self._inbox.apply_in_turn(turn, messages)
        except LostPartition:
            LOG.info("batch_dropped", topic=turn.topic, partition=turn.partition)
        except Unavailable as error:
            LOG.warning(
                "batch_waits", topic=turn.topic, partition=turn.partition, reason=str(error)
            )
            return False
        else:
            self._note_taken(turn, messages)
        return True

    async def _commit_for_lag_tools(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._committed_at >= COMMIT_SECONDS and self._subscriber.consumer is not None:
            self._committed_at = now
            try:
                await self._subscriber.consumer.commit()
            except KafkaError as error:
                # In a rebalance Kafka refuses; where to go on is known to Postgres alone.
                LOG.info("lag_not_told", reason=type(error).__name__)

    async def look_at_ends(self) -> None:
        """Stop hearing where a topic ends before what was taken in, though nothing new has come.

        Why: a client at a place beyond the end waits at the beginning without a word.
        """
        ends = {place: self._end_of(place) for place in self._next_offsets}
        known = {place: end for place, end in ends.items() if end is not None}
        starts = dict(self._next_offsets)
        beyond = {place: starts[place] for place, end in known.items() if end < starts[place]}
        behind = {place: starts[place] for place, end in known.items() if end > starts[place]}
        stuck = {one: at for one, at in behind.items() if self._behind.get(one) == at}
        self._behind = behind
        try:
            await self._patiently_check(beyond)
            await self._patiently_check(stuck, self._check_whole)
        except TopicIsAnother as error:
            self._fail(error)

    def begin_anew(self) -> None:
        """End hearing, because the stored places were set to the beginning."""
        self._fail(BegunAnew("the stored places were set to the beginning of a topic"))

    def _fail(self, error: Exception) -> None:
        """Hear nothing any more: what comes after a batch that was not kept would step over it."""
        consumer: Any = self._subscriber.consumer
        if consumer is not None:
            consumer.pause(*consumer.assignment())
        if not self.failed.done():
            self.failed.set_exception(error)
        detail = str(error) if isinstance(error, FluxError) else ""
        LOG.error("hearing_stopped", reason=type(error).__name__, detail=detail)

    def _end_of(self, place: tuple[str, int]) -> int | None:
        """Where a partition ends, as the client saw it last; none while it is not ours."""
        consumer: Any = self._subscriber.consumer
        one = TopicPartition(*place)
        if consumer is None or one not in consumer.assignment():
            return None
        end: int | None = consumer.highwater(one)
        return end

    def measure_lag(self) -> dict[str, int]:
        """Messages not yet taken in, by topic, by the offsets kept in Postgres; set as a metric.

        Why: what Kafka was told lies behind, and would lie about a replayed or restored service.
        """
        lags: dict[str, int] = {}
        for (topic, partition), next_offset in self._next_offsets.items():
            end = self._end_of((topic, partition))
            lags[topic] = lags.get(topic, 0) + max(0, (end or 0) - next_offset)
        for topic, lag in lags.items():
            LAG.labels(topic).set(lag)
        return lags


async def _until_something_came(getmany: Callable[..., Awaitable[Any]], **options: Any) -> Any:
    while not (found := await getmany(**options)):
        pass
    return found


async def _stop(reader: Any) -> None:
    """Stop a consumer, also when a task of its own that it cancels says so.

    Why: that cancellation would end the coordinator of the group, which waits for us, without a
    word: the partitions would stay paused, and nothing would be heard any more.
    """
    stopping = asyncio.ensure_future(reader.stop())
    await asyncio.wait([stopping])
    if not stopping.cancelled():
        stopping.result()


async def _as_they_lie(messages: tuple[Any, ...]) -> KafkaMessage:
    """The batch untouched.

    Why: FastStream's own parser decodes headers, and a null one makes it drop the whole batch.
    """
    return KafkaMessage(raw_message=messages, body=b"", consumer=FAKE_CONSUMER)


async def _undecoded(_: Any) -> None:
    """Nothing: the inbox reads the raw messages."""


def make_broker(servers: str) -> KafkaBroker:
    """A FastStream broker that makes no topic and logs no key."""
    return KafkaBroker(
        servers,
        allow_auto_create_topics=False,
        logger=None,
        graceful_timeout=15.0,
        metadata_max_age_ms=METADATA_MILLISECONDS_MAX,
    )
