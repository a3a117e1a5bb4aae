"""Messages that nobody can read, each in its own way, under the key of a record that is somebody's.

Shape: a poison takes the place of a fact: it keeps the key, and all but the value where it can.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from aiokafka import AIOKafkaProducer

from libs.events.message import Header, Message

CANARY = "CANARY-PELICAN"
HUGE_BYTES = 10_000_000
LARGEST_MESSAGE_BYTES = 12_000_000
DEEP = 100_000

Raw = tuple[bytes | None, bytes | None, tuple[Header, ...]]
Spoil = Callable[[Message], Raw]


def _value(value: bytes | None) -> Spoil:
    return lambda message: (message.key, value, message.headers)


def _header(name: str, text: bytes | None) -> Spoil:
    return lambda message: (message.key, message.value, with_header(message.headers, name, text))


def with_header(
    headers: tuple[tuple[str, bytes], ...], name: str, text: bytes | None
) -> tuple[Header, ...]:
    """The headers with another text under one name."""
    return tuple((one, text if one == name else raw) for one, raw in headers)


def with_field(message: Message, name: str, value: object) -> bytes:
    """The message's value with one field more, or another one."""
    return msgspec.json.encode({**msgspec.json.decode(message.value), name: value})


POISONS: Mapping[str, Spoil] = {
    "malformed JSON": _value(b'{"offer": ' + CANARY.encode()),
    "a list for an object": _value(f'["{CANARY}"]'.encode()),
    "a wrong type": lambda one: (one.key, with_field(one, "offer", CANARY), one.headers),
    "an extra field": lambda one: (one.key, with_field(one, "mood", CANARY), one.headers),
    "ten megabytes": _value(b'{"mood": "' + b"x" * HUGE_BYTES + b'"}'),
    "bad UTF-8": _value(b'{"mood": "\xff\xfe' + CANARY.encode() + b'"}'),
    "deep nesting": _value(b"[" * DEEP + b"]" * DEEP),
    "an empty value": _value(b""),
    "null": _value(b"null"),
    "a tombstone": _value(None),
    "no headers": lambda one: (one.key, one.value, ()),
    "an unknown event": _header("ce_type", b"nl.flux3d.QuoteSung"),
    "a newer version": _header("ce_dataversion", b"99"),
    "a version that is no number": _header("ce_recordversion", b"\xd9\xa1x"),
    "a speaker that is none": _header("ce_source", b"/flux3d/nobody"),
    "a time that is none": _header("ce_time", CANARY.encode()),
    "a header of null": _header("ce_id", None),
}


async def send_raw(servers: str, topic: str, messages: Sequence[Raw]) -> None:
    """Put messages on a topic as they are, one after another."""
    async with AIOKafkaProducer(
        bootstrap_servers=servers, max_request_size=LARGEST_MESSAGE_BYTES
    ) as producer:
        for key, value, headers in messages:
            await producer.send_and_wait(topic, value, key=key, headers=list(headers))
