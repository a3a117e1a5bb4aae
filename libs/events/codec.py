"""Events to JSON and back; a plain personal part is refused on the way out."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from libs.events.catalogue import CATALOGUE, Entry
from libs.events.errors import NewerSchema, Unreadable
from libs.events.event import Event
from libs.events.personal import Personal, Sealed
from libs.events.upcasts import STEPS, Step, upcast

Decode = Callable[[str, int, bytes], Event]
"""Reads an event from its name, its schema version and its JSON; `decode_event` is the usual."""


_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")


class NotSealed(TypeError):
    """A personal part was about to be written in the clear; seal the event first."""


def _write(value: Any) -> str:
    if not isinstance(value, Personal):
        message = f"cannot write a {type(value).__name__}"
        raise TypeError(message)
    if not isinstance(value.held, Sealed):
        message = "a personal part must be sealed before it is written"
        raise NotSealed(message)
    return base64.urlsafe_b64encode(value.held.box).decode()


def _read(wanted: type[Any], value: Any) -> Any:
    if getattr(wanted, "__origin__", None) is not Personal:
        message = f"cannot read a {wanted}"
        raise TypeError(message)
    try:
        text = value.encode("ascii").translate(_FROM_URL_SAFE)
        return Personal(Sealed(binascii.a2b_base64(text, strict_mode=True)))
    except (AttributeError, UnicodeEncodeError, binascii.Error) as error:
        message = "a sealed part is not base64url text"
        raise ValueError(message) from error


_ENCODER = msgspec.json.Encoder(enc_hook=_write)
_DECODERS = {
    name: msgspec.json.Decoder(entry.event_type, dec_hook=_read)
    for name, entry in CATALOGUE.items()
}


def encode_event(event: Event) -> str:
    """The JSON of an event, the same bytes in Postgres and on Kafka.

    Raises: NotSealed, when a personal part is plain.
    """
    return _ENCODER.encode(event).decode()


def decode_event(
    name: str,
    schema_version: int,
    data: str | bytes,
    *,
    catalogue: Mapping[str, Entry] = CATALOGUE,
    steps: Mapping[tuple[str, int], Step] = STEPS,
) -> Event:
    """The event that the JSON holds, its parts sealed, in today's shape.

    Raises: NewerSchema, when the version is newer; Unreadable, when the name is unknown or the JSON
    not that event.
    """
    entry = catalogue.get(name)
    if entry is None:
        message = f"unknown event {name[:80]!r}"
        raise Unreadable(message)
    today = entry.event_type.version
    if not 1 <= schema_version <= today:
        message = f"{name} has version {schema_version}; this reader knows 1 to {today}"
        raise (NewerSchema if schema_version > today else Unreadable)(message)
    try:
        if schema_version == today:
            return _DECODERS[name].decode(data)
        fields = msgspec.json.decode(data, type=dict[str, Any])
        fields = upcast(name, schema_version, fields, to=today, steps=steps)
        return msgspec.convert(fields, entry.event_type, dec_hook=_read)
    except (msgspec.MsgspecError, KeyError, ValueError, RecursionError) as error:
        # The text of the parser may quote a value, so only the kind of trouble is passed on.
        message = f"the data is not a {name} of version {schema_version} ({type(error).__name__})"
        raise Unreadable(message) from None
