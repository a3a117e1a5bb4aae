"""What we rely on in a topic; the one in memory and the one on Kafka inherit this."""

from collections.abc import Sequence
from typing import Protocol

from libs.events.hearing import Heard
from libs.events.message import Message


class Topic(Protocol):
    """Takes messages, and gives them back by partition."""

    @property
    def partitions(self) -> int:
        """How many there are; for ever the same."""
        ...

    async def send(self, message: Message) -> None:
        """Put the message behind those of its key."""
        ...

    async def read(self, partition: int, start: int) -> Sequence[Heard]:
        """What lies in the partition from an offset on."""
        ...


def a_message(key: int, at: int) -> Message:
    """A message that says whose it is and which one."""
    return Message(f"record {key}".encode(), str(at).encode(), (("ce_id", b"1"), ("b", b"")))


async def read_all(topic: Topic) -> list[Heard]:
    """All that lies there, partition by partition."""
    return [one for number in range(topic.partitions) for one in await topic.read(number, 0)]


class TopicConformance:
    """Inherited with a fixture `topic_under_test`, an empty topic of several partitions."""

    async def test_a_key_keeps_its_order(self, topic_under_test: Topic) -> None:
        """Messages of one key lie in one partition, in the order they were sent."""
        for at in range(30):
            await topic_under_test.send(a_message(at % 5, at))
        lying = await read_all(topic_under_test)
        for key in range(5):
            own = [one for one in lying if one.key == a_message(key, 0).key]
            assert len({one.partition for one in own}) == 1
            assert [int(one.value or b"") for one in own] == list(range(key, 30, 5))

    async def test_keys_spread_over_partitions(self, topic_under_test: Topic) -> None:
        """Records share the partitions, so that several can be taken in side by side."""
        for at in range(40):
            await topic_under_test.send(a_message(at, at))
        assert len({one.partition for one in await read_all(topic_under_test)}) > 1

    async def test_what_lies_there_is_what_was_sent(self, topic_under_test: Topic) -> None:
        """Key, value and headers come back to the byte and in their order, empty ones too."""
        sent = a_message(1, 1)
        await topic_under_test.send(sent)
        (lying,) = await read_all(topic_under_test)
        assert (lying.key, lying.value, tuple(lying.headers)) == (
            sent.key,
            sent.value,
            sent.headers,
        )

    async def test_offsets_count_up_in_each_partition(self, topic_under_test: Topic) -> None:
        """A later message of a partition has the greater offset, beginning at zero."""
        for at in range(20):
            await topic_under_test.send(a_message(at, at))
        for number in range(topic_under_test.partitions):
            offsets = [one.offset for one in await topic_under_test.read(number, 0)]
            assert offsets == list(range(len(offsets)))

    async def test_reading_goes_on_from_an_offset(self, topic_under_test: Topic) -> None:
        """Who has taken in all before an offset is given what lies from there on, once."""
        for at in range(5):
            await topic_under_test.send(a_message(1, at))
        (number,) = {one.partition for one in await read_all(topic_under_test)}
        rest = await topic_under_test.read(number, 3)
        assert [one.offset for one in rest] == [3, 4]
        assert list(await topic_under_test.read(number, 5)) == []

    async def test_the_same_message_may_lie_there_twice(self, topic_under_test: Topic) -> None:
        """A topic drops no repeats; that is the reader's part."""
        for _ in range(2):
            await topic_under_test.send(a_message(1, 1))
        assert [one.value for one in await read_all(topic_under_test)] == [b"1", b"1"]
