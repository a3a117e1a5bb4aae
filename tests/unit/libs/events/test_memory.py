"""The log and the topic in memory keep the promises of the real ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.message import Message
from libs.events.testing.log_conformance import LogConformance
from libs.events.testing.memory_bus import MemoryTopic
from libs.events.testing.memory_log import MemoryLog
from libs.events.testing.topic_conformance import Topic, TopicConformance


class TestMemoryLog(LogConformance):
    """What every log must do, the one in memory does."""

    @pytest.fixture
    def log(self) -> MemoryLog:
        """An empty log."""
        return MemoryLog()


class TestMemoryTopic(TopicConformance):
    """What we rely on in a topic, the one in memory does."""

    @pytest.fixture
    def topic_under_test(self) -> Topic:
        """An empty topic."""
        return MemoryTopic("quotes.events")


@given(st.lists(st.integers(min_value=0, max_value=9), max_size=60), st.integers(0, 4))
async def test_a_key_keeps_its_order(keys: list[int], repeat_every: int) -> None:
    """Messages of one key lie in one partition in the order they were sent, repeats behind."""
    topic = MemoryTopic("quotes.events", repeat_every=repeat_every)
    for at, key in enumerate(keys):
        await topic.send(Message(str(key).encode(), str(at).encode(), ()))
    for key in set(keys):
        lying = [
            one
            for partition in range(topic.partitions)
            for one in await topic.read(partition, 0)
            if one.key == str(key).encode()
        ]
        order = [int(one.value) for one in lying]
        assert len({one.partition for one in lying}) == 1
        assert order == sorted(order)
        assert set(order) == {at for at, one in enumerate(keys) if one == key}


async def test_every_nth_message_comes_twice_when_asked() -> None:
    """The relay that dies after a send is played by repeats."""
    topic = MemoryTopic("quotes.events", partitions=1, repeat_every=2)
    for at in range(4):
        await topic.send(Message(b"k", str(at).encode(), ()))
    lying = await topic.read(0, 0)
    assert [one.value for one in lying] == [b"0", b"1", b"1", b"2", b"3", b"3"]
    assert [one.offset for one in lying] == list(range(6))


async def test_reading_goes_on_from_an_offset() -> None:
    """A reader that stopped sees what came since, and nothing twice."""
    topic = MemoryTopic("quotes.events", partitions=1)
    for at in range(3):
        await topic.send(Message(b"k", str(at).encode(), ()))
    assert [one.offset for one in await topic.read(0, 2)] == [2]
