"""Rows of the view rights_request, in and out; the address stays in its box."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from libs.events.database import Connection
from libs.events.queries import load_queries
from libs.events.view import Key, Statement
from libs.events.vocabulary.retention import ErasedPart, HeldPart
from services.consent.projections.rights_request import RightsRequestRow
from services.consent.store.columns import keys_in_columns

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))
_LISTS = {"erased": tuple[ErasedPart, ...], "held": tuple[HeldPart, ...]}


class RightsRequestTable:
    """Keeps the rows of the view, in whichever schema the connection looks."""

    async def read(
        self, connection: Connection, keys: Collection[Key]
    ) -> dict[Key, RightsRequestRow]:
        """The rows of these records."""
        rows = await connection.fetch(QUERIES["read_rights_request"], *keys_in_columns(keys))
        return {(row["record"],): request_row(row) for row in rows}

    def writing(self, rows: Mapping[Key, RightsRequestRow]) -> Statement:
        """Inserts or replaces these rows."""
        columns = [
            [_stored(name, getattr(row, name)) for row in rows.values()]
            for name in RightsRequestRow.__struct_fields__
        ]
        return Statement(QUERIES["write_rights_request"], columns)

    async def delete(self, connection: Connection, keys: Collection[Key]) -> None:
        """Remove the rows of these records."""
        await connection.execute(QUERIES["delete_rights_request"], *keys_in_columns(keys))


def request_row(row: Mapping[str, Any]) -> RightsRequestRow:
    """One row of the table as the view's row."""
    lists = {name: msgspec.json.decode(row[name], type=kind) for name, kind in _LISTS.items()}
    return RightsRequestRow(**{**row, **lists})


def _stored(name: str, value: Any) -> Any:
    return msgspec.json.encode(value).decode() if name in _LISTS else value
