"""Rows to columns and back: a statement takes whole columns, whatever the number of rows."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from libs.events.view import Key


def columns_of(row_type: type[msgspec.Struct], rows: Mapping[Key, Any]) -> list[list[Any]]:
    """A column per field, lists of words as text with commas."""
    return [
        [_flat(getattr(row, name)) for row in rows.values()] for name in row_type.__struct_fields__
    ]


def keys_in_columns(keys: Collection[Key]) -> list[list[Any]]:
    """A column per part of the key."""
    return [list(column) for column in zip(*keys, strict=True)]


def with_tuples(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The row with these lists as tuples."""
    return {**row, **{name: tuple(row[name]) for name in names}}


def _flat(value: Any) -> Any:
    return ",".join(value) if isinstance(value, tuple) else value
