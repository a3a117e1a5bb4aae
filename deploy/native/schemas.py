"""schema.sql files: the sum of the migrations, dumped from a migrated database."""

from __future__ import annotations

from pathlib import Path

from deploy.native.databases import drop_database, login, make_database, migrate, visitors
from deploy.native.machine import run
from deploy.native.postgres_install import programs
from deploy.native.stack import CHECKOUT, DATABASES, Stack


def schema_path(kind: str) -> Path:
    """Where the schema of a kind of database is kept."""
    folder = CHECKOUT / "libs/keyring/sql"
    return (folder if kind == "keyring" else CHECKOUT / "services" / kind / "store") / "schema.sql"


def dump(stack: Stack, kind: str, *, database: str | None = None) -> str:
    """The schema of a database of a kind, grants included, the same text at each dump."""
    wanted = "--schema=keyring" if kind == "keyring" else "--exclude-table=schema_migrations"
    return run(
        [programs() / "pg_dump", "--schema-only", "--no-owner", "--restrict-key=flux3d", wanted],
        purpose=f"Dumping {kind}",
        environment=login(stack, "superuser", database or kind),
    )


def dump_fresh(stack: Stack, kind: str) -> str:
    """The schema that the migrations of a kind make, in a database of their own."""
    name = f"{kind}_schema"
    drop_database(stack, name)
    make_database(stack, name, visitors=visitors(kind))
    try:
        migrate(stack, name, kind=kind)
        return dump(stack, kind, database=name)
    finally:
        drop_database(stack, name)


def write_all(stack: Stack) -> list[Path]:
    """Write every schema.sql anew from the migrations; says which."""
    for kind in DATABASES:
        schema_path(kind).write_text(dump_fresh(stack, kind), encoding="utf-8")
    return [schema_path(kind) for kind in DATABASES]
