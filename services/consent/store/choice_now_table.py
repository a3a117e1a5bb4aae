"""Rows of the view choice_now, in and out."""

from collections.abc import Collection, Mapping
from pathlib import Path

from libs.events.database import Connection
from libs.events.queries import load_queries
from libs.events.view import Key, Statement
from services.consent.projections.choice_now import ChoiceNow
from services.consent.store.columns import columns_of, keys_in_columns, with_tuples

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))


class ChoiceNowTable:
    """Keeps the rows of the view, in whichever schema the connection looks."""

    async def read(self, connection: Connection, keys: Collection[Key]) -> dict[Key, ChoiceNow]:
        """The rows of these records."""
        rows = await connection.fetch(QUERIES["read_choice_now"], *keys_in_columns(keys))
        return {
            (row["record"],): ChoiceNow(**with_tuples(row, "refused_by_signal")) for row in rows
        }

    def writing(self, rows: Mapping[Key, ChoiceNow]) -> Statement:
        """Inserts or replaces these rows."""
        return Statement(QUERIES["write_choice_now"], columns_of(ChoiceNow, rows))

    async def delete(self, connection: Connection, keys: Collection[Key]) -> None:
        """Remove the rows of these records."""
        await connection.execute(QUERIES["delete_choice_now"], *keys_in_columns(keys))
