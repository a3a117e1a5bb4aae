"""Rows of the view consent_history, in and out."""

from collections.abc import Collection, Mapping
from pathlib import Path

from libs.events.database import Connection
from libs.events.queries import load_queries
from libs.events.view import Key, Statement
from services.consent.projections.consent_history import PastChoice
from services.consent.store.columns import columns_of, keys_in_columns, with_tuples

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))


class ConsentHistoryTable:
    """Keeps the rows of the view, in whichever schema the connection looks."""

    async def read(self, connection: Connection, keys: Collection[Key]) -> dict[Key, PastChoice]:
        """The rows with these keys."""
        rows = await connection.fetch(QUERIES["read_consent_history"], *keys_in_columns(keys))
        return {(row["record"], row["version"]): past_choice(row) for row in rows}

    def writing(self, rows: Mapping[Key, PastChoice]) -> Statement:
        """Inserts these rows; those that are there stay."""
        return Statement(QUERIES["write_consent_history"], columns_of(PastChoice, rows))

    async def delete(self, connection: Connection, keys: Collection[Key]) -> None:
        """Remove the rows with these keys."""
        await connection.execute(QUERIES["delete_consent_history"], *keys_in_columns(keys))


def past_choice(row: Mapping[str, object]) -> PastChoice:
    """One row of the table as the view's row."""
    return PastChoice(**with_tuples(row, "changed", "refused_by_signal"))
