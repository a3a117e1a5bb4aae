"""Restores a backup into a copy of the stack, and proves there that nothing erased comes back."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from deploy.native import lifecycle
from deploy.native.base_backup_check import verify_base_backup
from deploy.native.programs import BARE
from deploy.native.stack import Ports, Stack
from deploy.native.testing import free_port_base
from libs.backups.kept import Kept
from libs.backups.manifest import read_manifest, verify_files
from libs.events.ids import RealIds
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import FileEpochKeys
from libs.keyring.gate import KeyringBehind, check_gate, replay_journal
from libs.keyring.journal import Erased, Journal, read_journal
from libs.keyring.journal_mark import PostgresJournalMark
from libs.keyring.keys import DataKey
from libs.keyring.openings import Shredded
from libs.keyring.postgres_keyring import PostgresKeyring
from ops.backups.restoring import mend_keyring, place
from ops.backups.taking import CLUSTER
from ops.log_readers import QUERIES
from ops.stack_clock import last_clock, stack_clock

CATEGORY = "quote"
SAMPLE_KEYS = 200
IDS = RealIds()


class Finding(msgspec.Struct, frozen=True):
    """One thing that must be so, whether it is, and what was seen."""

    what: str
    is_so: bool
    seen: str = ""


class Drilled(msgspec.Struct, frozen=True):
    """What a drill came to.

    Units: seconds from the first copied file to the last finding.
    """

    backup: str
    seconds: float
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether all that must be so is so."""
        return all(one.is_so for one in self.findings)


def drill(stack: Stack, kept: Kept, *, replays: bool) -> Drilled:
    """Restores the backup into a copy with its own home and ports, looks, and removes the copy.

    Shape:  the stack itself is only read. In the copy one living record is written into the
            journal as erased after the backup, so that there is always something to bring back.
            Without the replay (the control) the findings must not pass.
    Raises: BackupDamaged, SaidNo, StackError.
    """
    began = time.monotonic()
    verify_files(kept.path, read_manifest(kept.path))
    verify_base_backup(kept.path / CLUSTER)
    with _copy(stack, kept) as copy:
        asyncio.run(mend_keyring(copy, source=stack))
        findings = asyncio.run(_look(copy, stack.keys, stack_clock(stack).now(), replays=replays))
    return Drilled(kept.name, time.monotonic() - began, tuple(findings))


@contextmanager
def _copy(stack: Stack, kept: Kept) -> Iterator[Stack]:
    """A stack of bare servers on the restored state, on free ports, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="flux3d-drill-") as folder, free_port_base() as base:
        copy = Stack(home=Path(folder) / "home", ports=Ports(base), clock=last_clock(stack))
        try:
            copy.secrets.mkdir(parents=True, mode=0o700)
            for path in stack.secrets.glob("postgres-*.password"):
                shutil.copy2(path, copy.secrets)
            place(copy, kept.path)
            copy.journal.parent.mkdir()
            if stack.journal.exists():
                shutil.copy2(stack.journal, copy.journal)
            lifecycle.up(copy, BARE)
            yield copy
        finally:
            lifecycle.clean(copy)


async def _look(copy: Stack, keys: Path, now: datetime, *, replays: bool) -> list[Finding]:
    async with _keyring(copy, keys) as quotes, _pool(copy, "retention") as pool:
        mark = PostgresJournalMark(pool)
        doomed, living = IDS.new(), IDS.new()
        for record in (doomed, living):
            await quotes.make_keys(
                record, kind="quote", categories=[CATEGORY], subject=None, at=now
            )
        _write_erased(copy, doomed, now)
        before = await _shut(mark, copy.journal)
        came_back = await _reads(copy, keys, doomed)
        done = await replay_journal(mark, copy.journal) if replays else 0
        return [
            Finding("the gate is shut before the journal was replayed", bool(before), before),
            Finding("without the replay the erased record would be readable", came_back),
            Finding(
                "the gate opens after the replay",
                not await _shut(mark, copy.journal),
                f"{done} lines done again",
            ),
            Finding("the erased record is unreadable", not await _reads(copy, keys, doomed)),
            Finding("the living record is readable", await _reads(copy, keys, living)),
            await _everything_erased(copy, keys),
            await _everything_living(copy, keys),
        ]


def _write_erased(copy: Stack, record: UUID, now: datetime) -> None:
    """Let the copy's journal tell that the record was erased after the backup."""
    fact = Erased(
        event=IDS.new(),
        erasure=IDS.new(),
        record=record,
        categories=(CATEGORY,),
        unreadable_since=now,
    )
    Journal(copy.journal).append(fact, written_at=now)


async def _shut(mark: PostgresJournalMark, journal: Path) -> str:
    """Why the gate is shut; nothing when it is open."""
    try:
        await check_gate(mark, journal)
    except KeyringBehind as behind:
        return str(behind)
    return ""


async def _reads(copy: Stack, keys: Path, record: UUID) -> bool:
    """Whether a service that just started gets the record's key."""
    async with _keyring(copy, keys) as quotes:
        opened = await quotes.open_keys([(record, CATEGORY)])
    return isinstance(opened[record, CATEGORY], DataKey)


async def _everything_erased(copy: Stack, keys: Path) -> Finding:
    """No quote that the journal names gives its key."""
    places = {
        (line.entry.record, CATEGORY)
        for line in read_journal(copy.journal)
        if CATEGORY in line.entry.categories
    }
    async with _keyring(copy, keys) as quotes:
        opened = await quotes.open_keys(places)
    gone = sum(isinstance(one, Shredded) for one in opened.values())
    return Finding(
        "every erased quote of the journal is unreadable",
        gone == len(places),
        f"{gone} of {len(places)}",
    )


async def _everything_living(copy: Stack, keys: Path) -> Finding:
    """The keys that the backup holds open with the epoch keys that are there."""
    async with _pool(copy, "operator") as reader:
        rows = await reader.fetch(QUERIES["sample_keys"], CATEGORY, SAMPLE_KEYS)
    async with _keyring(copy, keys) as quotes:
        opened = await quotes.open_keys([(row["record"], CATEGORY) for row in rows])
    there = sum(isinstance(one, DataKey) for one in opened.values())
    return Finding(
        "the living quotes of the backup are readable",
        there == len(rows),
        f"{there} of {len(rows)}",
    )


@asynccontextmanager
async def _keyring(copy: Stack, keys: Path) -> AsyncIterator[PostgresKeyring]:
    """The copy's keyring as quotes sees it, with nothing remembered."""
    async with _pool(copy, "quotes") as pool:
        yield PostgresKeyring(pool, FileEpochKeys(keys), KeyCache(time.monotonic))


@asynccontextmanager
async def _pool(copy: Stack, role: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(
        copy.database_url(role, "keyring"), min_size=0, max_size=2
    ) as pool:
        yield pool
