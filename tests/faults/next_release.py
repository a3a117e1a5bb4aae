"""What a release says that is one further than ours, and a reader that knows it.

Shape: everything new stands for a fact that we know, so that both readers can be compared.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from libs.events.codec import decode_event
from libs.events.event import Event
from libs.events.message import TYPE_PREFIX, Message
from libs.events.vocabulary.quotes import ProjectStarted
from libs.events.vocabulary.scrubbing import RecordScrubbed
from tests.faults.poison import Raw, with_field, with_header

NEWER = 2
MOOD = "mood"
SUNG = "ProjectSung"
SCRUBBED = RecordScrubbed.__name__


def _of_a_newer_version(message: Message) -> Raw:
    headers = with_header(message.headers, "ce_dataversion", str(NEWER).encode())
    return message.key, with_field(message, MOOD, "good"), headers


def _unknown_event(message: Message) -> Raw:
    headers = with_header(message.headers, "ce_type", TYPE_PREFIX.encode() + SUNG.encode())
    return message.key, message.value, headers


def _extra_field(message: Message) -> Raw:
    return message.key, with_field(message, MOOD, "good"), message.headers


def _unknown_value(message: Message) -> Raw:
    scrubbed = {
        "owner": "quotes",
        "erasure": str(UUID(int=1)),
        "categories": ["hologram"],
        "objects_deleted": 0,
    }
    headers = with_header(message.headers, "ce_type", TYPE_PREFIX.encode() + SCRUBBED.encode())
    return message.key, msgspec.json.encode(scrubbed), headers


SAID_NEXT: Mapping[str, Callable[[Message], Raw]] = {
    "a newer version": _of_a_newer_version,
    "an unknown event": _unknown_event,
    "an extra field": _extra_field,
    "an unknown value": _unknown_value,
}


def decode_next(name: str, schema_version: int, data: bytes) -> Event:
    """The reader of the next release: it reads everything that ours reads, and what is new."""
    if name in {SUNG, SCRUBBED}:
        return ProjectStarted()
    if name == ProjectStarted.__name__:
        fields: dict[str, Any] = msgspec.json.decode(data)
        fields.pop(MOOD, None)
        return msgspec.convert(fields, ProjectStarted)
    return decode_event(name, schema_version, data)
