"""Files that hold a secret: written whole or not at all, and ended so that no byte is left.

Why:    deleting a file leaves its bytes on the disk; they are written over in place first.
Source: D8.
"""

import os
from pathlib import Path


def write_new_secret(path: Path, secret: bytes) -> None:
    """Writes a file that only its owner can read and that survives a power cut, or nothing.

    Raises: FileExistsError, when the file is there already.
    """
    draft = _draft_of(path)
    draft.unlink(missing_ok=True)  # one left by a crash may be the same file as `path` itself
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secret)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(draft, path)
    finally:
        draft.unlink()
    sync_folder(path.parent)


def destroy_secret(path: Path) -> None:
    """Takes the file away from every reader, writes over its bytes in place, and removes it.

    Shape: called again after a crash, it goes on; nothing when the file is gone.
    Why:   renamed first, so that nobody reads half-overwritten bytes for a key.
    """
    doomed = path.with_suffix(".doomed")
    if path.exists():
        path.rename(doomed)
        sync_folder(path.parent)
    if doomed.exists():
        _overwrite(doomed)
    for name in (doomed, _draft_of(path)):
        name.unlink(missing_ok=True)
    sync_folder(path.parent)


def _overwrite(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY)  # not truncated: the same blocks take the new bytes
    try:
        os.write(handle, os.urandom(os.fstat(handle).st_size))
        os.fsync(handle)
    finally:
        os.close(handle)


def _draft_of(path: Path) -> Path:
    return path.with_suffix(".draft")


def sync_folder(folder: Path) -> None:
    """Sees the names in a folder safely on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
