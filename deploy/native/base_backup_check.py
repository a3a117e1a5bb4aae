"""Whether a copy of the cluster is whole: what pg_verifybackup checks, from the same manifest.

Why: the wheel's own pg_verifybackup does not load (its ELF segments were broken in repacking), and
an unchecked backup is none. The manifest is the server's; the WAL is read by pg_waldump.
Source: PostgreSQL 18, backup manifest format, version 2.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, NoReturn

from deploy.native.failure import StackError
from deploy.native.machine import run
from deploy.native.postgres_install import programs

MANIFEST = "backup_manifest"
CHECKSUM_LINE = '"Manifest-Checksum"'
NOT_COPIED = ("pg_wal/", "postgresql.auto.conf")
"""Not in the manifest, or changed by tools: pg_verifybackup leaves them out as well."""


def verify_base_backup(folder: Path) -> None:
    """Nothing, when every file and the WAL that makes them one state are there unchanged.

    Raises: StackError, naming the first that is not.
    """
    manifest = _read_manifest(folder / MANIFEST)
    wanted = {one["Path"]: one for one in manifest["Files"]}
    for name, one in wanted.items():
        _verify_file(folder / name, one)
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if path.is_file() and name not in wanted and not name.startswith((MANIFEST, *NOT_COPIED)):
            _refuse(f"{name} is not in the manifest")
    for wal in manifest["WAL-Ranges"]:
        _verify_wal(folder, wal)


def _read_manifest(path: Path) -> dict[str, Any]:
    """The manifest, its own checksum checked: that of every line before its last."""
    try:
        text = path.read_text(encoding="utf-8")
        manifest: dict[str, Any] = json.loads(text)
        covered = text[: text.index(CHECKSUM_LINE)].encode()
    except (OSError, ValueError) as error:
        _refuse(f"its manifest cannot be read ({type(error).__name__})")
    if hashlib.sha256(covered).hexdigest() != manifest["Manifest-Checksum"]:
        _refuse("its manifest was changed")
    return manifest


def _verify_file(path: Path, wanted: dict[str, Any]) -> None:
    if not path.is_file():
        _refuse(f"{wanted['Path']} is missing")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if (path.stat().st_size, digest) != (wanted["Size"], wanted["Checksum"]):
        _refuse(f"{wanted['Path']} was changed")


def _verify_wal(folder: Path, wal: dict[str, Any]) -> None:
    bounds = (f"--start={wal['Start-LSN']}", f"--end={wal['End-LSN']}")
    place = (f"--path={folder / 'pg_wal'}", f"--timeline={wal['Timeline']}")
    run([programs() / "pg_waldump", "--quiet", *place, *bounds], purpose="Reading the backup's WAL")


def _refuse(what: str) -> NoReturn:
    raise StackError(
        what=f"The copy of the cluster is not whole: {what}", remedy="Take another backup"
    )
