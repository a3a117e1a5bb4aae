"""Whether a topic holds all facts of some records, each record's in their order."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer

from libs.events.message import read_headers, read_version

FETCH_MILLISECONDS = 500


class NotInOrder(AssertionError):
    """The topic lacks facts, or has them in another order than they were kept in."""


async def check_sent(servers: str, topic: str, newest: Mapping[str, int]) -> None:
    """Nothing, when every record lies on the topic from its first version to its newest.

    Raises: NotInOrder, which tells how many records are amiss.
    """
    seen: dict[str, int] = {}
    amiss: set[str] = set()
    async for message in _all(servers, topic):
        headers = read_headers(message.headers)
        record, version = headers["ce_subject"], read_version(headers["ce_recordversion"])
        if version != seen.get(record, 0) + 1:
            amiss.add(record)
        seen[record] = version
    amiss |= {record for record, version in newest.items() if seen.get(record) != version}
    if amiss:
        message = f"{len(amiss)} of {len(newest)} records are not on {topic} as they were kept"
        raise NotInOrder(message)


async def _all(servers: str, topic: str) -> AsyncIterator[Any]:
    options = {"auto_offset_reset": "earliest", "enable_auto_commit": False}
    async with AIOKafkaConsumer(topic, bootstrap_servers=servers, **options) as reader:
        ends = await reader.end_offsets(reader.assignment())
        unread = sum(ends.values())
        while unread:
            for messages in (await reader.getmany(timeout_ms=FETCH_MILLISECONDS)).values():
                unread -= len(messages)
                for one in messages:
                    yield one
