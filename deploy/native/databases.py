"""Databases, roles and migrations; every statement is in deploy/postgres/*.sql or a migration."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.native.machine import run, wheel_program
from deploy.native.postgres_install import programs
from deploy.native.stack import (
    CHECKOUT,
    DATABASES,
    DEPLOY,
    KEYRING_BACKUP,
    OWNER,
    ROLES,
    SERVICES,
    Stack,
)

SQL = DEPLOY / "postgres"
TEMPLATE = "template0"


def prepare_databases(stack: Stack) -> None:
    """Make what is missing: roles, databases, tables."""
    make_roles(stack)
    with ThreadPoolExecutor(len(DATABASES)) as pool:
        for name in DATABASES:
            make_database(stack, name, visitors=visitors(name))
        list(pool.map(lambda name: migrate(stack, name, kind=name), DATABASES))


def make_roles(stack: Stack) -> None:
    """Make the roles and give them the passwords of this stack."""
    names = {f"FLUX3D_PASSWORD_{role.upper()}": f"postgres-{role}.password" for role in ROLES}
    passwords = {variable: stack.secret(name) for variable, name in names.items()}
    psql(stack, SQL / "roles.sql", environment=passwords)


def visitors(kind: str) -> tuple[str, ...]:
    """Which roles may connect to a database of a kind."""
    services = (*SERVICES, KEYRING_BACKUP) if kind == "keyring" else (kind,)
    return (OWNER, *services, "operator")


def make_database(
    stack: Stack, name: str, *, visitors: tuple[str, ...], template: str = TEMPLATE
) -> None:
    """Make a database, unless it is there, and let only the visitors in."""
    variables = {
        "database": name,
        "visitors": ", ".join(visitors),
        "template": template,
    }
    psql(stack, SQL / "database.sql", variables=variables)


def migrate(stack: Stack, database: str, *, kind: str) -> None:
    """Bring a database of a kind (a service's, or the keyring's) to its newest migration."""
    folders = migration_folders(kind)
    if not folders:
        return
    places = [part for folder in folders for part in ("--migrations-dir", str(folder))]
    run(
        [wheel_program("dbmate"), "--no-dump-schema", *places, "migrate"],
        purpose=f"Migrating {database}",
        environment={"DATABASE_URL": stack.database_url(OWNER, database)},
    )


def migration_folders(kind: str) -> list[Path]:
    """Where the migrations of a kind of database are; only folders that hold any."""
    if kind == "keyring":
        wanted = [CHECKOUT / "libs/keyring/sql/migrations"]
    else:
        wanted = [
            CHECKOUT / "libs/events/sql/migrations",
            CHECKOUT / "services" / kind / "store/migrations",
        ]
    return [folder for folder in wanted if any(folder.glob("*.sql"))]


def psql(
    stack: Stack,
    script: Path,
    *,
    variables: dict[str, str] | None = None,
    environment: dict[str, str] | None = None,
) -> str:
    """What a script printed, run by the superuser; secrets go in by the environment only."""
    options = [f"--set={name}={value}" for name, value in (variables or {}).items()]
    return run(
        [programs() / "psql", "-X", "-q", "-A", "-t", *options, "-f", script],
        purpose=f"Running {script.name}",
        environment={**login(stack, "superuser", "postgres"), **(environment or {})},
    )


def database_exists(stack: Stack, name: str) -> bool:
    """Whether a database is there."""
    return bool(psql(stack, SQL / "find_database.sql", variables={"database": name}).strip())


def drop_database(stack: Stack, name: str) -> None:
    """Drop a database, unless it is gone; whoever is connected to it is cut off."""
    psql(stack, SQL / "drop_database.sql", variables={"database": name})


def login(stack: Stack, role: str, database: str) -> dict[str, str]:
    """The variables by which PostgreSQL's own programs log in."""
    return {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(stack.ports.postgres),
        "PGUSER": role,
        "PGPASSWORD": stack.secret(f"postgres-{role}.password"),
        "PGDATABASE": database,
    }
