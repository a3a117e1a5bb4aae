"""Rows of the view policy_version, in and out."""

from collections.abc import Collection, Mapping
from pathlib import Path

from libs.events.database import Connection
from libs.events.queries import load_queries
from libs.events.view import Key, Statement
from services.consent.projections.policy_version import PolicyVersion
from services.consent.store.columns import columns_of, keys_in_columns

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))


class PolicyVersionTable:
    """Keeps the rows of the view, in whichever schema the connection looks."""

    async def read(self, connection: Connection, keys: Collection[Key]) -> dict[Key, PolicyVersion]:
        """The rows with these keys."""
        rows = await connection.fetch(QUERIES["read_policy_version"], *keys_in_columns(keys))
        return {(row["record"], row["version"]): PolicyVersion(**row) for row in rows}

    def writing(self, rows: Mapping[Key, PolicyVersion]) -> Statement:
        """Inserts these rows; those that are there stay."""
        return Statement(QUERIES["write_policy_version"], columns_of(PolicyVersion, rows))

    async def delete(self, connection: Connection, keys: Collection[Key]) -> None:
        """Remove the rows with these keys."""
        await connection.execute(QUERIES["delete_policy_version"], *keys_in_columns(keys))
