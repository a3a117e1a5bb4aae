"""Rows of a view with one row per record, in and out; every view of billing is one."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from libs.events.database import Connection
from libs.events.queries import load_queries
from libs.events.view import Key, Statement

QUERIES = load_queries(Path(__file__).parent / "queries.sql")
Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class RecordTable(Generic[Row]):
    """Keeps one row per record, in whichever schema the connection looks.

    Shape: `write_rows` takes a column per argument, in the order of `columns`, which are the fields
           of `row_type`.
    """

    row_type: Callable[..., Row]
    columns: tuple[str, ...]
    read_rows: str
    write_rows: str
    delete_rows: str

    async def read(self, connection: Connection, keys: Collection[Key]) -> dict[Key, Row]:
        """The rows of these records."""
        rows = await connection.fetch(self.read_rows, [key[0] for key in keys])
        return {(row["record"],): self.row_type(**row) for row in rows}

    def writing(self, rows: Mapping[Key, Row]) -> Statement:
        """Inserts or replaces these rows."""
        columns = [[getattr(row, name) for row in rows.values()] for name in self.columns]
        return Statement(self.write_rows, columns)

    async def delete(self, connection: Connection, keys: Collection[Key]) -> None:
        """Remove the rows of these records."""
        await connection.execute(self.delete_rows, [key[0] for key in keys])
