"""schema.sql files: the sum of the migrations, dumped from a migrated database."""

from __future__ import annotations

from pathlib import Path

from deploy.native.databases import login
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


def write_all(stack: Stack) -> list[Path]:
    """Write every schema.sql whose folder exists; says which."""
    written = []
    for kind in DATABASES:
        path = schema_path(kind)
        if path.parent.is_dir():
            path.write_text(dump(stack, kind), encoding="utf-8")
            written.append(path)
    return written
