"""Which backups are kept, and their end: after the term of the policy each one goes.

Source: policy `terms.backups`; clause 5.1.backups.
"""

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from libs.backups.manifest import FILE_NAME, BackupDamaged, read_manifest
from libs.events.errors import NotFound

FOLDER_NAME = "backups/whole"
"""Where whole backups lie below the home of a stack."""

ENDED_NAME = "ended.jsonl"
DRAFT, ENDING = ".draft-", ".ending-"


@dataclass(frozen=True, slots=True)
class Kept:
    """One backup that is there."""

    name: str
    taken_at: datetime
    path: Path


class Ended(msgspec.Struct, frozen=True):
    """One backup that went when its term was over; the line that shows it."""

    name: str
    taken_at: datetime
    ended_at: datetime


def list_backups(folder: Path) -> list[Kept]:
    """The backups that are there, oldest first; what has no sound manifest is none."""
    found = []
    for path in folder.glob("[!.]*"):
        if path.is_dir():
            try:
                found.append(Kept(path.name, read_manifest(path).taken_at, path))
            except BackupDamaged:
                continue
    return sorted(found, key=lambda one: (one.taken_at, one.name))


def find_backup(folder: Path, name: str | None) -> Kept:
    """The backup of that name, or the newest.

    Raises: NotFound.
    """
    kept = [one for one in list_backups(folder) if name in (None, one.name)]
    if not kept:
        message = f"there is no backup {name or 'yet'} in {folder.name}: see flux3d backup --list"
        raise NotFound(message)
    return kept[-1]


def list_overdue(folder: Path, *, now: datetime, term: timedelta) -> list[Kept]:
    """The backups whose term is over."""
    return [one for one in list_backups(folder) if one.taken_at + term <= now]


def end_overdue(folder: Path, *, now: datetime, term: timedelta) -> list[Ended]:
    """Removes every backup whose term is over, and writes down each that is gone.

    Shape: a backup is taken out of sight first, so that one half removed is never brought back;
           broken off, the next run goes on.
    """
    for one in list_overdue(folder, now=now, term=term):
        one.path.rename(folder / f"{ENDING}{one.name}")
    ended = []
    for path in sorted(folder.glob(f"{ENDING}*")):
        if (path / FILE_NAME).exists():
            ended.append(_end(path, now))
            _note(folder / ENDED_NAME, ended[-1])
        shutil.rmtree(path)
    return ended


def _end(path: Path, now: datetime) -> Ended:
    """Removes all that was backed up; the manifest stays until it was written down."""
    for one in path.iterdir():
        if one.is_dir():
            shutil.rmtree(one)
    return Ended(path.name.removeprefix(ENDING), read_manifest(path).taken_at, now)


def _note(path: Path, ended: Ended) -> None:
    with path.open("ab") as file:
        file.write(msgspec.json.encode(ended) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def list_ended(folder: Path) -> list[Ended]:
    """The backups that went, as it was written down."""
    path = folder / ENDED_NAME
    if not path.exists():
        return []
    return [msgspec.json.decode(line, type=Ended) for line in path.read_bytes().splitlines()]
