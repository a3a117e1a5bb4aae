"""Every file under a stack's home, and the store it belongs to."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

OUTSIDE = "outside"
PAGES, WAL, ROWS = "postgres pages", "postgres wal", "postgres rows"
ASIDE, TEMPORARY = "postgres toast", "postgres temporary files"
KAFKA_FILES, KAFKA_RECORDS = "kafka files", "kafka records"
BUCKET, METADATA, PARTS = "bucket", "bucket metadata", "bucket open parts"
ATTRIBUTES, NAMES = "attributes", "names"
COMPRESSED, OTHER = "compressed files", "other files"
METRICS = "metrics"
FOLDERS = {
    "bucket": BUCKET,
    "bucket-metadata": METADATA,
    "logs": "logs",
    "run": "run",
    "caddy": "caddy",
    "keys": "keys",
    "secrets": "secrets",
    "backups": "backups",
    "journal": "journal",
    "reports": "reports",
    "traces": "traces",
    "kafka": KAFKA_FILES,
}
OPEN_PARTS, TEMPORARY_FOLDER = ".sgwtmp", "pgsql_tmp"


@dataclass(frozen=True, slots=True)
class Place:
    """One file: where it is, in which store, how long it was when it was listed."""

    store: str
    path: Path
    size: int


def places(home: Path, aside: Collection[str] = ()) -> Iterator[Place]:
    """Every regular file of the home, through links, except what has left our hands.

    Shape: `aside` are the files, below the cluster's folder, where Postgres keeps long values.
    """
    for folder, names in _folders(home):
        for name in names:
            path = folder / name
            try:
                seen = path.stat()
            except FileNotFoundError:
                continue  # a server removed it since; its bytes are in no file any more
            if stat.S_ISREG(seen.st_mode):
                yield Place(store_of(path.relative_to(home), aside), path, seen.st_size)


def outside(home: Path) -> tuple[int, int]:
    """How many files, and bytes, have left our hands and are not looked at."""
    sizes = [path.stat().st_size for path in (home / OUTSIDE).rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def in_format(store: str, name: str) -> str:
    """The part of a store that is compressed in this way; each has a control of its own."""
    return f"{store}, {name}"


def store_of(relative: Path, aside: Collection[str] = ()) -> str:
    """The store that a file under the home belongs to."""
    top = relative.parts[0]
    if top == "postgres":
        return _store_in_cluster(relative, aside)
    if top == "bucket" and OPEN_PARTS in relative.parts:
        return PARTS
    return FOLDERS.get(top, OTHER) if len(relative.parts) > 1 else OTHER


def _store_in_cluster(relative: Path, aside: Collection[str]) -> str:
    if "pg_wal" in relative.parts:
        return WAL
    if TEMPORARY_FOLDER in relative.parts:
        return TEMPORARY
    # A file of more than a gigabyte goes on in others: 1234, 1234.1, 1234.2.
    first = relative.with_name(relative.name.partition(".")[0])
    return ASIDE if "/".join(first.parts[2:]) in aside else PAGES


def _folders(home: Path) -> Iterator[tuple[Path, list[str]]]:
    seen: set[Path] = set()
    for root, folders, files in os.walk(home, followlinks=True, onerror=_refuse):
        folder = Path(root)
        if folder.resolve() in seen:
            folders.clear()
            continue
        seen.add(folder.resolve())
        if folder == home and OUTSIDE in folders:
            folders.remove(OUTSIDE)
        yield folder, files


def _refuse(error: OSError) -> None:
    # A folder that vanished is no loss; one that may not be read would be a blind spot.
    if not isinstance(error, FileNotFoundError):
        raise error
