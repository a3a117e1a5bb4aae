"""What a backup holds, file by file, with digests; a backup without a sound manifest is none."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from libs.events.errors import Refused
from libs.keyring.journal import Head

FILE_NAME = "manifest.json"
CHUNK_BYTES = 1024 * 1024


class FileSum(msgspec.Struct, frozen=True):
    """Size and SHA-256 of one file."""

    size_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One backup.

    Shape: `journal` is the head of the erasure journal when it was copied: a journal that does not
           reach it is older than the backup. `files` are paths below the backup's folder.
    """

    manifest_version: int = 1
    name: str
    taken_at: datetime
    kept_days: int
    policy_version: str
    policy_digest: str
    journal: Head
    files: dict[str, FileSum]


class BackupDamaged(Refused):
    """A file of the backup is missing, changed or too many: nothing of it is to be brought back."""

    title = "The backup is not what its manifest says."


def sum_files(folder: Path) -> dict[str, FileSum]:
    """The digest of every file below a folder but the manifest itself, in order of path."""
    return {name: _sum_file(folder / name) for name in _names(folder)}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes it into the backup's folder."""
    text = msgspec.json.format(msgspec.json.encode(manifest))
    (folder / FILE_NAME).write_bytes(text + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest in a backup's folder.

    Raises: BackupDamaged, when there is none that can be read.
    """
    try:
        return msgspec.json.decode((folder / FILE_NAME).read_bytes(), type=Manifest)
    except (OSError, ValueError) as error:
        message = f"{folder.name} has no manifest that can be read: take another backup"
        raise BackupDamaged(message) from error


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Nothing, when every file is there and none was changed or added.

    Raises: BackupDamaged, naming the first that is not.
    """
    found = set(_names(folder))
    odd = sorted(found ^ manifest.files.keys())
    if odd:
        what = "is missing from" if odd[0] in manifest.files else "is not in the manifest of"
        message = f"{odd[0]} {what} backup {manifest.name}: take another backup"
        raise BackupDamaged(message)
    for name, wanted in manifest.files.items():
        if _sum_file(folder / name) != wanted:
            message = f"{name} of backup {manifest.name} was changed: take another backup"
            raise BackupDamaged(message)


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path != folder / FILE_NAME:
            yield str(path.relative_to(folder))


def _sum_file(path: Path) -> FileSum:
    digest, size_bytes = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            digest.update(piece)
            size_bytes += len(piece)
    return FileSum(size_bytes, digest.hexdigest())
