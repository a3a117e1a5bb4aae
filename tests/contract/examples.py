"""An example of any event, made from the types of its fields."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

import msgspec

from libs.events.catalogue import Entry, parts_of
from libs.events.event import Event
from libs.events.personal import Personal, PersonalPart

WORDS: dict[str, str] = {
    "language": "nl",
    "name": "Noor Åström-王",
    "email": "noor@voorbeeld.example",
    "brief": "Een kasteel van glas, « comme neige » ❄\nen een draak.",
    "phone": "+31 20 123 45 67",
    "company": "Voorbeeld & Zonen",
    "vat_number": "NL123456789B01",
    "street": "Damrak 1",
    "postal_code": "1012 LG",
    "city": "Amsterdam",
    "country": "NL",
    "currency": "EUR",
    "number": "2026-0001",
}
"""Texts by field name; made-up people only."""

SIMPLE: dict[Any, Any] = {
    bool: True,
    int: 7,
    date: date(2026, 3, 31),
    datetime: datetime(2026, 3, 1, 12, 30, 15, 250000, tzinfo=UTC),
    UUID: UUID("01890000-0000-7000-8000-0000000000ab"),
}


def example_event(entry: Entry) -> Any:
    """An event whose every field is filled, its parts plain."""
    return _example(entry.event_type, entry.name)


def plain_parts(event: Event) -> dict[str, PersonalPart]:
    """The plain parts of an event, by field."""
    return {field: getattr(event, field).plain for field in parts_of(event)}


def _example(hint: Any, field: str) -> Any:
    if hint is str:
        return WORDS.get(field, f"a {field.replace('_', ' ')}")
    if hint in SIMPLE:
        return SIMPLE[hint]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return next(iter(hint))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        fields = msgspec.structs.fields(hint)
        return hint(**{one.name: _example(one.type, one.name) for one in fields})
    return _BY_ORIGIN[get_origin(hint)](hint, field)


def _either(hint: Any, field: str) -> Any:
    return _example(next(one for one in get_args(hint) if one is not NoneType), field)


_BY_ORIGIN: dict[Any, Callable[[Any, str], Any]] = {
    tuple: lambda hint, field: (_example(get_args(hint)[0], field),),
    Personal: lambda hint, field: Personal(_example(get_args(hint)[0], field)),
    UnionType: _either,
    Union: _either,
}
