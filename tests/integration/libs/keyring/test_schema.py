"""The schema file is the sum of the migrations."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from deploy.native.postgres_install import programs
from deploy.native.testing import FreshDatabase

SCHEMA = Path(__file__).parents[4] / "libs/keyring/sql/schema.sql"
PASSING = ("-- Dumped", "\\restrict", "\\unrestrict")


def dump_schema(database: FreshDatabase) -> str:
    """The tables, functions and grants as they are now, without what changes by version."""
    options = ["--schema-only", "--no-owner", "--schema=keyring"]
    dumped = subprocess.run(
        [programs() / "pg_dump", *options, database.url()],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = dumped.stdout.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(PASSING))


def test_schema_file_is_the_sum_of_the_migrations(
    database: Callable[[str], FreshDatabase],
) -> None:
    """What a reader sees in schema.sql is what the migrations make."""
    assert dump_schema(database("keyring")) == SCHEMA.read_text(encoding="utf-8")
