"""A hearing service as a process of its own, which stops or dies at a stated point of its work."""

import asyncio
import sys
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import TopicPartition
from faststream.kafka import KafkaBroker, KafkaMessage

from libs.events.bus import Ear, make_broker
from libs.events.clock import FixedClock
from libs.events.handle import Stamp
from libs.events.ids import RealIds
from libs.events.inbox import Inbox
from libs.events.postgres_log import PostgresLog
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import NOW
from libs.events.values import Owner
from libs.events.vocabulary.quotes import ProjectStarted
from libs.events.work import Work
from tests.faults.halting import Halt, How
from tests.integration.libs.events.little import LITTLE, RELEASE

FETCHED, REACTED, KEPT, TOLD = "fetched", "reacted", "kept", "told"
"""A batch came; a reaction ran in the open transaction; it is committed; Kafka was told so."""


class HaltingEar(Ear):
    """The ear, with points between its steps."""

    halt: Halt

    async def _hear(self, message: KafkaMessage) -> None:
        self.halt.at(FETCHED)
        await super()._hear(message)

    async def _commit_for_lag_tools(self) -> None:
        self.halt.at(KEPT)
        await super()._commit_for_lag_tools()
        self.halt.at(TOLD)


class BoastingEar(HaltingEar):
    """The ear, of which Kafka is told that a batch is kept before it is."""

    async def _hear(self, message: KafkaMessage) -> None:
        consumer: Any = self._subscriber.consumer
        raw: Any = message.raw_message
        ends = {TopicPartition(one.topic, one.partition): one.offset + 1 for one in raw}
        await consumer.commit(ends)
        self.halt.at(TOLD)
        await super()._hear(message)


@dataclass
class HaltingReaction:
    """Decides one own fact about the same record, and halts while the transaction is open."""

    halt: Halt

    async def on_project_started(self, heard: Recorded, work: Work) -> None:
        """Decide, and halt."""
        await work.handle(heard.record, "heard", RELEASE, cause=heard)
        self.halt.at(REACTED)


CAREFUL, BOASTING, CARELESS = "careful", "boasting", "careless"
KINDS: dict[str, type[HaltingEar]] = {CAREFUL: HaltingEar, BOASTING: BoastingEar}


async def hear(
    inbox: Inbox, topic: str, servers: str, instance: str, ear_kind: type[HaltingEar]
) -> None:
    """Hear until hearing fails; then this process ends, as a service's does."""
    broker = make_broker(servers)
    ear = ear_kind(broker, inbox, group=f"{topic}.hearers", topics=[topic], instance=instance)
    await broker.start()
    await ear.failed


async def hear_carelessly(inbox: Inbox, topic: str, servers: str, halt: Halt) -> None:
    """Hear as FastStream does by default: Kafka is told while the work is still to be done."""
    broker = KafkaBroker(servers, logger=None)

    async def on_message(message: KafkaMessage) -> None:
        raw: Any = message.raw_message
        place = TopicPartition(raw.topic, raw.partition)
        if halt.point == TOLD:
            await until_told(subscriber.consumer, place, raw.offset + 1)
        halt.at(TOLD)
        await inbox.apply(raw.topic, raw.partition, [raw])

    subscriber: Any = broker.subscriber(
        topic,
        group_id=f"{topic}.careless",
        group_instance_id=f"{topic}.careless-0",
        auto_offset_reset="earliest",
        auto_commit_interval_ms=100,
    )
    subscriber(on_message)
    await inbox.claim([(topic, 0), (topic, 1)])
    await broker.start()
    await asyncio.Event().wait()


async def until_told(consumer: Any, place: TopicPartition, offset: int) -> None:
    """Wait until Kafka believes that everything before an offset is done."""
    while (await consumer.committed(place) or 0) < offset:  # noqa: ASYNC110 - the broker is waited for
        await asyncio.sleep(0.01)


async def run(url: str, bus: tuple[str, str], instance: str, kind: str, halt: Halt) -> None:
    """Hear with an ear of this kind; `bus` is a topic and its servers."""
    topic, servers = bus
    async with asyncpg.create_pool(url, min_size=0) as pool:
        log = PostgresLog(pool, Owner.BILLING, views=[LITTLE])
        stamp = Stamp(Owner.BILLING, FixedClock(NOW), RealIds())
        reaction = HaltingReaction(halt)
        inbox = Inbox(
            log, stamp, {ProjectStarted: reaction.on_project_started}, {topic: Owner.QUOTES}
        )
        if kind == CARELESS:
            await hear_carelessly(inbox, topic, servers, halt)
        HaltingEar.halt = halt
        await hear(inbox, topic, servers, instance, KINDS[kind])


def main() -> None:
    """Read where and when to halt, and hear."""
    url, topic, servers, instance, kind, point, how, after = sys.argv[1:]
    halt = Halt(point, How(how), int(after))
    asyncio.run(run(url, (topic, servers), instance, kind, halt))


if __name__ == "__main__":
    main()
