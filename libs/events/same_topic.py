"""Whether a topic is still the one that was heard: by its end, and by the last message taken in.

Why: a topic that was made anew, or another cluster's, has other messages at the same places. Going
on by offset alone would step over what was never heard, or drop everything as heard already.
Source: P40.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition

from libs.events.errors import FluxError
from libs.events.hearing import Heard
from libs.events.message import read_headers

Place = tuple[str, int]
FETCH_MILLISECONDS = 500
WHAT_TO_DO = "nothing more is heard; look at Kafka, then run: flux3d refill"


class TopicIsAnother(FluxError):
    """What lies on the topic is not what was taken in: it was made anew, cut, or is another's."""


class OffsetBeyondEnd(TopicIsAnother):
    """Postgres has taken in more than Kafka holds: the topic was made anew or cut."""


class BeginsLater(TopicIsAnother):
    """Kafka has let go of messages that were not taken in yet."""


class LastIsAnother(TopicIsAnother):
    """Where the last message that was taken in lay, another one lies."""


def event_id_of(message: Heard) -> UUID | None:
    """The event that a message says it carries; none when it says nothing that can be read."""
    try:
        return UUID(read_headers(message.headers).get("ce_id", ""))
    except ValueError:
        return None


def check_ends(starts: Mapping[Place, int], ends: Mapping[Place, int]) -> None:
    """Nothing, when every partition goes at least as far as it was taken in.

    Raises: OffsetBeyondEnd.
    """
    for (topic, partition), start in starts.items():
        end = ends[topic, partition]
        if start > end:
            message = f"{topic}-{partition} ends at {end}, taken in up to {start}: {WHAT_TO_DO}"
            raise OffsetBeyondEnd(message)


def check_begins(starts: Mapping[Place, int], begins: Mapping[Place, int]) -> None:
    """Nothing, when every partition still holds what is to be taken in next.

    Why:    a client before the beginning of a partition goes on at the beginning without a word.
    Raises: BeginsLater.
    Source: F19.
    """
    for (topic, partition), start in starts.items():
        begin = begins[topic, partition]
        if start < begin:
            message = f"{topic}-{partition} begins at {begin}, taken in up to {start}: {WHAT_TO_DO}"
            raise BeginsLater(message)


async def check_whole(reader: Any, starts: Mapping[Place, int]) -> dict[Place, int]:
    """Where each partition begins, when none begins after its start.

    Shape:  `reader` is a consumer without a group, started.
    Raises: BeginsLater; KafkaError.
    """
    begins = _by_place(await reader.beginning_offsets([TopicPartition(*one) for one in starts]))
    check_begins(starts, begins)
    return begins


async def check_same(reader: Any, starts: Mapping[Place, int], lasts: Mapping[Place, UUID]) -> None:
    """Nothing, when each partition holds what was taken in last and what is to be taken in next.

    Shape:  the last message is not looked at where its event is not known, or it is gone by now.
    Raises: TopicIsAnother; KafkaError.
    """
    begins = await check_whole(reader, starts)
    places = [TopicPartition(*place) for place in starts]
    check_ends(starts, _by_place(await reader.end_offsets(places)))
    there = {place: last for place, last in lasts.items() if starts[place] > begins[place]}
    await check_lasts(reader, starts, there)


def _by_place(offsets: Mapping[TopicPartition, int]) -> dict[Place, int]:
    return {(one.topic, one.partition): offset for one, offset in offsets.items()}


async def check_lasts(
    reader: Any, starts: Mapping[Place, int], lasts: Mapping[Place, UUID]
) -> None:
    """Nothing, when before each start lies the event that was taken in last.

    Shape:  `reader` is a consumer without a group, started; places whose last event is not known
            are not looked at.
    Raises: LastIsAnother; KafkaError.
    """
    offsets = {place: starts[place] - 1 for place in lasts if starts[place] > 0}
    found = await _read_at(reader, offsets) if offsets else {}
    for (topic, partition), message in found.items():
        if event_id_of(message) != lasts[topic, partition]:
            said = "lies another event than was taken in"
            text = f"{topic}-{partition} at {message.offset} {said}: {WHAT_TO_DO}"
            raise LastIsAnother(text)


async def _read_at(reader: Any, offsets: Mapping[Place, int]) -> dict[Place, Any]:
    """The message at each of these places."""
    places = [TopicPartition(*place) for place in offsets]
    reader.assign(places)
    for place in places:
        reader.seek(place, offsets[place.topic, place.partition])
    found: dict[Place, Any] = {}
    while open_places := [one for one in places if (one.topic, one.partition) not in found]:
        batches: Mapping[TopicPartition, Sequence[Any]] = await reader.getmany(
            *open_places, timeout_ms=FETCH_MILLISECONDS
        )
        found |= {(one.topic, one.partition): batch[0] for one, batch in batches.items() if batch}
        await asyncio.sleep(0)
    return found
