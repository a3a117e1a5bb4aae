"""A topic on the real broker: what we rely on, and what is refused when it is made."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.native.failure import StackError
from deploy.native.stack import Stack
from deploy.native.topics import Topic as Declared
from deploy.native.topics import prepare_topics
from libs.events.hearing import Heard
from libs.events.message import Message
from libs.events.testing.topic_conformance import Topic, TopicConformance
from tests.integration.libs.events import pieces

PARTITIONS = 4


@dataclass
class KafkaTopic:
    """A topic on the real broker."""

    name: str
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    partitions: int = PARTITIONS

    async def send(self, message: Message) -> None:
        """Put the message behind those of its key."""
        await self.producer.send_and_wait(
            self.name, key=message.key, value=message.value, headers=list(message.headers)
        )

    async def read(self, partition: int, start: int) -> Sequence[Heard]:
        """What lies in the partition from an offset on."""
        place = TopicPartition(self.name, partition)
        self.consumer.assign([place])
        (end,) = (await self.consumer.end_offsets([place])).values()
        self.consumer.seek(place, start)
        found: list[Heard] = []
        while await self.consumer.position(place) < end:
            batch = await self.consumer.getmany(place, timeout_ms=1000)
            found += batch.get(place, [])
        return found


class TestKafkaTopic(TopicConformance):
    """What every topic must do, the one on Kafka does."""

    @pytest.fixture
    async def topic_under_test(
        self, stack: Stack, topic: Callable[[int], Awaitable[str]]
    ) -> AsyncIterator[Topic]:
        """An empty topic."""
        name = await topic(PARTITIONS)
        servers = stack.kafka_servers
        async with (
            AIOKafkaProducer(bootstrap_servers=servers) as producer,
            AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False) as consumer,
        ):
            yield KafkaTopic(name, producer, consumer)


async def test_p09_a_topic_that_cannot_be_made_is_told(stack: Stack) -> None:
    """P09: the client raises nothing for a refused topic; our own making of topics does."""
    with pytest.raises(StackError, match="refused topic"):
        await prepare_topics(stack.kafka_servers, [Declared("no such name!", 1, "test")])


async def test_p09_a_topic_that_is_there_is_fine(bus: pieces.Topic) -> None:
    """P09: making topics again changes nothing and fails nothing."""
    declared = Declared(bus.name, 2, "test", {"retention.ms": "-1"})
    await prepare_topics(bus.servers, [declared])


async def test_p43_another_number_of_partitions_is_refused(bus: pieces.Topic) -> None:
    """P43: a topic keeps its partitions for ever, because more of them would move the records."""
    with pytest.raises(StackError, match="has 2 partitions, not 3"):
        await prepare_topics(bus.servers, [Declared(bus.name, 3, "test")])


async def test_p11_a_topic_that_would_forget_is_refused(bus: pieces.Topic) -> None:
    """P10, P11: a topic that does not keep its messages for ever is not accepted."""
    wanted = {"retention.ms": "604800000"}
    with pytest.raises(StackError, match=r"retention\.ms=-1, not 604800000"):
        await prepare_topics(bus.servers, [Declared(bus.name, 2, "test", wanted)])
