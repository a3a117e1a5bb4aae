"""A backup of the keyring: taken, read back row by row, and only then called one.

Why:    a shred round ends what older backups need; before that a newer one must be known good.
Source: D8.
"""

import asyncio
import hashlib
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import asyncpg

from libs.events.errors import Unavailable
from libs.keyring.key_files import sync_folder
from libs.keyring.outages import told_apart
from libs.keyring.rounds import QUERIES

SAME_TEXT = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "extra_float_digits": "3",
    "bytea_output": "hex",
}
"""What makes two sessions write a row as the same text."""


class BackupFailed(Unavailable):
    """The keyring could not be copied, or the copy is not the keyring: it counts for nothing."""


@dataclass(frozen=True, slots=True)
class BackupTaken:
    """A backup that was read back, and the digest of all its rows."""

    name: str
    digest: str


class KeyringBackup(Protocol):
    """Copies the keyring to where a copy belongs."""

    async def take(self, epoch: int) -> BackupTaken:
        """A copy of every table as it is at one moment, read back and found the same.

        Shape:  taken again for the same epoch, it takes the place of the one before.
        Raises: BackupFailed, KeyringUnavailable: there is no such backup, the older ones stay.
        """


@dataclass(slots=True)
class TableDigest:
    """Rows of a table whatever their order: how many, and the sum of their hashes."""

    rows: int = 0
    total: int = 0
    _rest: bytes = field(default=b"", repr=False)

    def feed(self, data: bytes) -> None:
        """More of the table's text, cut anywhere."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self.rows += 1
            self.total += int.from_bytes(hashlib.sha256(line).digest())


Digests = Mapping[str, TableDigest]


def digest_of(tables: Digests) -> str:
    """One digest of all tables."""
    text = "\n".join(f"{name} {one.rows} {one.total:x}" for name, one in sorted(tables.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def read_copies(lines: Iterable[bytes]) -> dict[str, TableDigest]:
    """The tables of a script by pg_restore, each with the digest of its rows."""
    tables: dict[str, TableDigest] = {}
    table: TableDigest | None = None
    for line in lines:
        if table is None:
            if line.startswith(b"COPY keyring."):
                name = line.split(b" ", 2)[1].removeprefix(b"keyring.").decode()
                table = tables.setdefault(name, TableDigest())
        elif line == b"\\.\n":
            table = None
        else:
            table.feed(line)
    return tables


@dataclass(frozen=True, kw_only=True)
class DumpBackup:
    """Copies by pg_dump in its custom format, into a folder that holds the newest copy only.

    Why: an older copy opens with no living epoch key and still says whose a record was.
    """

    url: str = field(repr=False)
    programs: Path
    folder: Path

    async def take(self, epoch: int) -> BackupTaken:
        """Dump and digest under one snapshot, read the file back, compare, and then name it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.folder / f"epoch-{epoch:04d}.draft"
        live = await self._dump(draft)
        copied = await self._read_back(draft)
        if digest_of(live) != digest_of(copied):
            draft.unlink()
            message = (
                "the copy of the keyring differs from the keyring in "
                f"{', '.join(_differing(live, copied))}: it was removed, older copies stay"
            )
            raise BackupFailed(message)
        return BackupTaken(self._keep(draft), digest_of(live))

    async def _dump(self, draft: Path) -> Digests:
        """The digests of the tables as the dump saw them."""
        with told_apart():
            connection = await asyncpg.connect(self.url, server_settings=SAME_TEXT)
        try:
            with told_apart():
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    snapshot = await connection.fetchval(QUERIES["export_snapshot"])
                    await self._run(
                        "pg_dump",
                        "--format=custom",
                        "--compress=0",  # so that a search of its bytes sees what it holds
                        f"--snapshot={snapshot}",
                        f"--file={draft}",
                    )
                    return await _digest_live(connection)
        finally:
            await connection.close()

    async def _read_back(self, draft: Path) -> Digests:
        await self._run("pg_restore", "--list", str(draft))
        return await asyncio.to_thread(self._read_script, draft)

    def _read_script(self, draft: Path) -> Digests:
        command = [str(self.programs / "pg_restore"), "--data-only", "--file=-", str(draft)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own words
            copied = read_copies(process.stdout or ())
        if process.returncode:
            message = f"pg_restore could not read the copy ({process.returncode}): it is no backup"
            raise BackupFailed(message)
        return copied

    def _keep(self, draft: Path) -> str:
        """Give the file its name for good, and remove what it takes the place of."""
        draft.chmod(0o600)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        kept = draft.with_suffix(".dump")
        draft.replace(kept)
        sync_folder(self.folder)
        for older in self.folder.glob("epoch-*.*"):
            if older != kept:
                older.unlink()
        sync_folder(self.folder)
        return kept.name

    async def _run(self, program: str, *options: str) -> None:
        """Run a program of PostgreSQL's to its end.

        Raises: BackupFailed, with the last line it complained in.
        """
        process = await asyncio.create_subprocess_exec(
            self.programs / program,
            *options,
            env={**os.environ, **_login(self.url)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, complained = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            last = (complained.decode(errors="replace").strip().splitlines() or ["no reason"])[-1]
            message = f"{program} ended with {process.returncode}: {last}"
            raise BackupFailed(message)


async def _digest_live(connection: asyncpg.Connection) -> Digests:
    tables: dict[str, TableDigest] = {}
    for row in await connection.fetch(QUERIES["list_tables"]):
        table = tables[row["tablename"]] = TableDigest()

        async def feed(data: bytes, into: TableDigest = table) -> None:
            into.feed(data)

        await connection.copy_from_table(row["tablename"], schema_name="keyring", output=feed)
    return tables


def _login(url: str) -> dict[str, str]:
    """The variables by which PostgreSQL's programs log in; a password is no argument of theirs."""
    parts = urlsplit(url)
    return {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.removeprefix("/"),
        "PGTZ": "UTC",
    }


def _differing(live: Digests, copied: Digests) -> list[str]:
    names = sorted({*live, *copied})
    return [name for name in names if digest_of(_one(live, name)) != digest_of(_one(copied, name))]


def _one(tables: Digests, name: str) -> Digests:
    return {name: tables[name]} if name in tables else {}
