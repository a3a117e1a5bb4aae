"""Any event, any part: strategies made from the types of the fields."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from libs.events.catalogue import CATALOGUE
from libs.events.event import Event
from libs.events.personal import Personal, PersonalPart

LARGEST = 2**63 - 1

SIMPLE: dict[Any, SearchStrategy[Any]] = {
    str: st.text(),
    bool: st.booleans(),
    int: st.integers(min_value=-LARGEST, max_value=LARGEST),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    UUID: st.uuids(),
    type(None): st.none(),
}


def anything_of(hint: Any) -> SearchStrategy[Any]:
    """Values of a type that occurs in events."""
    if hint in SIMPLE:
        return SIMPLE[hint]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        fields = msgspec.structs.fields(hint)
        return st.builds(hint, **{one.name: anything_of(one.type) for one in fields})
    return _BY_ORIGIN[get_origin(hint)](get_args(hint))


_BY_ORIGIN: dict[Any, Callable[[Any], SearchStrategy[Any]]] = {
    tuple: lambda args: st.lists(anything_of(args[0]), max_size=3).map(tuple),
    Personal: lambda args: anything_of(args[0]).map(Personal),
    UnionType: lambda args: st.one_of(*map(anything_of, args)),
    Union: lambda args: st.one_of(*map(anything_of, args)),
}

EVENT_TYPES = [entry.event_type for entry in CATALOGUE.values()]
WITH_PARTS = [entry.event_type for entry in CATALOGUE.values() if entry.parts]
SECRETS = {
    part.category: bytes([at]) * 32
    for at, part in enumerate(
        {part for entry in CATALOGUE.values() for part in entry.parts.values()}, start=1
    )
}
"""A made-up key for every category."""


def events(types: list[type[Event]] | None = None) -> SearchStrategy[Any]:
    """Any event, its parts plain."""
    return st.sampled_from(types or EVENT_TYPES).flatmap(anything_of)


def parts() -> SearchStrategy[Any]:
    """Any personal part."""
    kinds: list[type[PersonalPart]] = sorted(
        {part for entry in CATALOGUE.values() for part in entry.parts.values()},
        key=lambda part: part.__name__,
    )
    return st.sampled_from(kinds).flatmap(anything_of)
