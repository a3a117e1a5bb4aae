"""Locks the personal parts of events under their record's keys, and opens them again.

A box is self-describing: what it was sealed for stands in its header, which is bound to the
ciphertext together with the record, so a box moved to another place does not open.
"""

import os
import struct
from collections.abc import Mapping
from functools import cache
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libs.events.catalogue import CATALOGUE, parts_of
from libs.events.errors import Unreadable
from libs.events.event import Event
from libs.events.personal import Erased, Part, Personal, PersonalPart, Sealed

_FORMAT = 1
_FIXED = struct.Struct(">B16sH")
_FORM = bytes([_FORMAT])
_ID_END = 17
_NONCE_BYTES = 12


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a box was sealed for."""

    event_id: UUID
    name: str
    schema_version: int
    category: str
    part: str

    def encode(self) -> bytes:
        """The header as it stands before the ciphertext."""
        fixed = _FIXED.pack(_FORMAT, self.event_id.bytes, self.schema_version)
        return fixed + b"".join(_short(text) for text in (self.name, self.category, self.part))


def _short(text: str) -> bytes:
    encoded = text.encode()
    return bytes([len(encoded)]) + encoded


def read_header(box: bytes) -> tuple[Header, int]:
    """What the box was sealed for, and where its nonce begins.

    Raises: Unreadable, when the bytes are no box.
    """
    try:
        form, event_id, version = _FIXED.unpack_from(box)
        texts, at = [], _FIXED.size
        for _ in range(3):
            length = box[at]
            texts.append(box[at + 1 : at + 1 + length].decode())
            at += 1 + length
    except (struct.error, IndexError, UnicodeDecodeError):
        message = "the sealed part has no readable header"
        raise Unreadable(message) from None
    if form != _FORMAT:
        message = f"the sealed part has the unknown format {form}"
        raise Unreadable(message)
    name, category, part = texts
    header = Header(
        event_id=UUID(bytes=event_id),
        name=name,
        schema_version=version,
        category=category,
        part=part,
    )
    return header, at


def seal_part(part: PersonalPart, header: Header, record: UUID, secret: bytes) -> bytes:
    """The part as a box that only this key opens, for this place and record only."""
    head = header.encode()
    nonce = os.urandom(_NONCE_BYTES)
    plaintext = msgspec.json.encode(part)
    return head + nonce + AESGCM(secret).encrypt(nonce, plaintext, head + record.bytes)


def open_box(box: bytes, part_type: type[Part], record: UUID, secret: bytes) -> Part:
    """The part that was sealed.

    Raises: Unreadable, when the box was changed, moved, or sealed under another key.
    """
    _, at = read_header(box)
    head, nonce = box[:at], box[at : at + _NONCE_BYTES]
    try:
        plaintext = AESGCM(secret).decrypt(nonce, box[at + _NONCE_BYTES :], head + record.bytes)
        return msgspec.json.decode(plaintext, type=part_type)
    except msgspec.MsgspecError:
        message = f"a sealed part of record {record} is not a {part_type.__name__}"
        raise Unreadable(message) from None
    except (InvalidTag, ValueError):
        message = f"a sealed part of record {record} does not open under its key"
        raise Unreadable(message) from None


def check_places(event: Event, event_id: UUID) -> None:
    """Accepts an event whose sealed parts were sealed for it, each for the field it stands in.

    Why: a box opens wherever its record's key is, so a swap within a record is noticed here (P34).
    Raises: Unreadable, which names the part.
    """
    for part, head_end in _head_ends(type(event)).items():
        box = getattr(event, part).box
        # As today's events are sealed; a box of an older version is read with more care.
        if not (box.startswith(head_end, _ID_END) and box[:_ID_END] == _FORM + event_id.bytes):
            _check_place(event, event_id, part, read_header(box)[0])


@cache
def _head_ends(event_type: type[Event]) -> dict[str, bytes]:
    """How the head of each part's box ends, after the event's id, for this version of the event."""
    name, version = event_type.__name__, event_type.version
    return {
        part: struct.pack(">H", version)
        + b"".join(_short(text) for text in (name, part_type.category, part))
        for part, part_type in CATALOGUE[name].parts.items()
    }


def _check_place(event: Event, event_id: UUID, part: str, header: Header) -> None:
    name, category = type(event).__name__, parts_of(event)[part].category
    place = (header.event_id, header.name, header.part, header.category)
    if place != (event_id, name, part, category):
        message = f"the part {part} of {name} {event_id} was sealed for another place"
        raise Unreadable(message)


def seal_event(
    event: Event, *, event_id: UUID, record: UUID, secrets: Mapping[str, bytes]
) -> Event:
    """The event with every plain part sealed under the key of its category.

    Raises: KeyError, when a category's key is not among `secrets`.
    """
    sealed: dict[str, Personal[PersonalPart]] = {}
    for field, part_type in parts_of(event).items():
        personal = getattr(event, field)
        header = Header(
            event_id=event_id,
            name=type(event).__name__,
            schema_version=type(event).version,
            category=part_type.category,
            part=field,
        )
        box = seal_part(personal.plain, header, record, secrets[part_type.category])
        sealed[field] = Personal(Sealed(box))
    return msgspec.structs.replace(event, **sealed) if sealed else event


def open_personal(
    personal: Personal[Part], part_type: type[Part], record: UUID, secrets: Mapping[str, bytes]
) -> Personal[Part]:
    """The part opened, or erased when its category has no key any more."""
    category = read_header(personal.box)[0].category
    if category not in secrets:
        return Personal(Erased(category))
    return Personal(open_box(personal.box, part_type, record, secrets[category]))
