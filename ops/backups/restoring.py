"""Brings a backup back: puts it in place, destroys again what was erased since, fills Kafka."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import asyncpg

from deploy.native import lifecycle
from deploy.native.base_backup import (
    move_aside,
    place_base_backup,
    place_keyring_copy,
    remove_aside,
)
from deploy.native.base_backup_check import verify_base_backup
from deploy.native.postgres_install import cluster_folder
from deploy.native.programs import WITHOUT_SERVICES
from deploy.native.stack import SERVICES, Stack
from deploy.native.supervision import Supervisor
from libs.backups.kept import Kept
from libs.backups.manifest import Manifest, read_manifest, verify_files
from libs.events.catalogue import topic_of
from libs.events.postgres_log import PostgresLog
from libs.events.refill import Refill, forget_places
from libs.events.values import Owner
from libs.keyring.epoch_keys import list_epochs
from libs.keyring.journal import JournalBroken, verify_journal
from ops.backups.taking import BUCKET_FOLDERS, CLUSTER, JOURNAL
from ops.commands.journal import destroy_again
from ops.log_readers import QUERIES
from ops.outcome import SaidNo
from ops.output import say
from ops.refilling import wait_until_sent
from ops.service_doors import ServiceDoors
from ops.stack_clock import stack_clock


@dataclass(frozen=True)
class Restored:
    """What a restore did, in figures."""

    backup: str
    lines_destroyed_again: int
    erasures_taken_up: int
    keyring_from: str


def restore(stack: Stack, kept: Kept, *, journal_of_backup: bool) -> Restored:
    """Puts the backup in the place of all that the stack keeps, and opens it when it may open.

    Shape:  every step can be broken off and the whole run again. Until the end, what was there
            before lies beside it. Keys, secrets and the erasure journal of the stack stay as
            they are: they are never of an earlier state.
    Raises: SaidNo, BackupDamaged, StackError, Away; the text says what to do.
    """
    manifest = check(stack, kept, journal_of_backup=journal_of_backup)
    say(f"{kept.name}: sound, {len(manifest.files)} files")
    place(stack, kept.path)
    lifecycle.up(stack, WITHOUT_SERVICES)
    keyring_from = asyncio.run(mend_keyring(stack, source=stack))
    done = asyncio.run(destroy_again(stack))
    say(f"{done} lines of the journal were done again; the gate is open")
    asyncio.run(send_everything_again(stack))
    lifecycle.up(stack)
    for service in SERVICES:
        wait_until_sent(stack, service)
    taken_up = ServiceDoors(stack, "retention").post("/ops/journal")["taken_up"]
    for path in _replaced(stack):
        remove_aside(path)
    return Restored(kept.name, done, taken_up, keyring_from)


def check(stack: Stack, kept: Kept, *, journal_of_backup: bool) -> Manifest:
    """The manifest of a backup that may be put in place.

    Raises: SaidNo, BackupDamaged, StackError: nothing was touched.
    """
    if Supervisor(stack).is_up():
        message = "The stack is running; nothing was touched. Run: make down"
        raise SaidNo(message)
    manifest = read_manifest(kept.path)
    verify_files(kept.path, manifest)
    verify_base_backup(kept.path / CLUSTER)
    if not list_epochs(stack.keys):
        message = f"no epoch key is in {stack.keys}: bring the keys back first; nothing was touched"
        raise SaidNo(message)
    if not stack.journal.exists() and journal_of_backup:
        stack.journal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(kept.path / JOURNAL, stack.journal)
        say(f"The journal is the backup's own: erasures after {manifest.taken_at} are not known")
    try:
        verify_journal(stack.journal, manifest.journal)
    except JournalBroken as broken:
        hint = "or, if every copy is lost, add --journal-of-backup and ask again who asked since"
        message = f"{broken}; {hint}" if not stack.journal.exists() else str(broken)
        raise SaidNo(message) from broken
    return manifest


def place(stack: Stack, backup: Path) -> None:
    """Puts the files in place; nothing starts while it is half done."""
    mark = lifecycle.restore_mark(stack)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(backup.name, encoding="utf-8")
    place_base_backup(stack, backup / CLUSTER)
    for name in BUCKET_FOLDERS:
        move_aside(stack.home / name)
        if (backup / name).is_dir():
            shutil.copytree(backup / name, stack.home / name)
    move_aside(stack.home / "kafka")
    mark.unlink()


async def send_everything_again(stack: Stack) -> None:
    """Lets every log fill its topic, and every hearer begin at the beginning, while none runs.

    Why: what Kafka held was said by logs that went further than the restored ones do.
    """
    for service in SERVICES:
        async with asyncpg.create_pool(
            stack.database_url(service, service), min_size=0, max_size=1
        ) as pool:
            log = PostgresLog(pool, Owner(service))
            for owner in import_module(f"services.{service}.main").DECLARED.hears:
                await forget_places(log, topic_of(owner), by="restore", clock=stack_clock(stack))
            await Refill(log).fill_unheld()


def _replaced(stack: Stack) -> Iterator[Path]:
    yield cluster_folder(stack) / "data"
    yield from (stack.home / name for name in (*BUCKET_FOLDERS, "kafka"))


async def mend_keyring(stack: Stack, *, source: Stack) -> str:
    """Where the keyring's keys come from: the backup, or the copy taken by the last shred round.

    Shape:  epoch keys and copies are those of `source`.
    Why:    a round ends the epoch keys under which older backups hold the living keys, and takes
            a copy of the keyring under the new one first.
    Raises: SaidNo, when neither opens.
    """
    lost = await _lost_keys(stack, source)
    if not lost:
        return "the backup"
    copies = sorted(source.keyring_backups.glob("epoch-*.dump"))
    if not copies:
        message = (
            f"{lost} keys of this backup are under epochs that a round has ended, and no copy "
            f"of the keyring is in {source.keyring_backups}: bring it back, or use a newer backup"
        )
        raise SaidNo(message)
    newest = copies[-1]
    await asyncio.to_thread(place_keyring_copy, stack, newest)
    if lost := await _lost_keys(stack, source):
        message = f"{lost} keys of {newest.name} are under epochs without a key: bring keys/ back"
        raise SaidNo(message)
    say(f"The keyring is that of {newest.name}: the backup is older than a shred round")
    return newest.name


async def _lost_keys(stack: Stack, source: Stack) -> int:
    """How many keys of the keyring are wrapped under an epoch whose key is not there."""
    connection = await asyncpg.connect(stack.database_url("superuser", "keyring"))
    try:
        rows = await connection.fetch(QUERIES["count_keys_by_epoch"])
    finally:
        await connection.close()
    here = set(list_epochs(source.keys))
    return sum(row["keys"] for row in rows if row["epoch"] not in here)
