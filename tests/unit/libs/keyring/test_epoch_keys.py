"""Epoch keys open what they wrapped, in its place only, while their file is there."""

from pathlib import Path

import pytest

from libs.keyring.epoch_keys import (
    EpochKeyGone,
    FileEpochKeys,
    NotWrappedHere,
    create_epoch_key,
    list_epochs,
    path_of,
)
from libs.keyring.keys import bound_to
from libs.keyring.openings import KeyringUnavailable
from libs.keyring.testing.conformance import new_id

SECRET = b"s" * 32
RECORD = new_id()
PLACE = bound_to(RECORD, "quote", revision=1, epoch=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A keys folder with two epochs."""
    create_epoch_key(tmp_path, 1)
    create_epoch_key(tmp_path, 2)
    return tmp_path


def test_wrapped_secret_opens_in_its_place(folder: Path) -> None:
    """What was wrapped comes back, and takes sixty bytes."""
    keys = FileEpochKeys(folder)
    wrapped = keys.wrap(1, SECRET, PLACE)
    assert keys.unwrap(1, wrapped, PLACE) == SECRET
    assert len(wrapped) == 60


@pytest.mark.parametrize(
    "elsewhere",
    [
        bound_to(new_id(), "quote", revision=1, epoch=1),
        bound_to(RECORD, "billing", revision=1, epoch=1),
        bound_to(RECORD, "quote", revision=2, epoch=1),
        bound_to(RECORD, "quote", revision=1, epoch=2),
    ],
    ids=["record", "category", "revision", "epoch"],
)
def test_wrapped_secret_opens_nowhere_else(folder: Path, elsewhere: bytes) -> None:
    """P34: neither for another record or category, nor for another revision or epoch."""
    keys = FileEpochKeys(folder)
    with pytest.raises(NotWrappedHere):
        keys.unwrap(1, keys.wrap(1, SECRET, PLACE), elsewhere)


@pytest.mark.parametrize("damaged", [b"", b"short", bytes(60)], ids=["empty", "cut", "overwritten"])
def test_damaged_bytes_do_not_open(folder: Path, damaged: bytes) -> None:
    """Bytes that were cut or overwritten are refused, not opened to something else."""
    with pytest.raises(NotWrappedHere):
        FileEpochKeys(folder).unwrap(1, damaged, PLACE)


def test_newest_epoch_is_current(folder: Path) -> None:
    """New keys go under the newest epoch; other files do not count."""
    (folder / "epoch-0009.key.draft").touch()
    assert FileEpochKeys(folder).current() == 2
    assert list_epochs(folder) == [1, 2]


def test_destroyed_epoch_key_is_not_used_from_memory(folder: Path) -> None:
    """D8: when the file is gone nothing opens any more, also in a process that had read it."""
    keys = FileEpochKeys(folder)
    wrapped = keys.wrap(1, SECRET, PLACE)
    path_of(folder, 1).unlink()
    with pytest.raises(EpochKeyGone, match="epoch 1"):
        keys.unwrap(1, wrapped, PLACE)


def test_empty_folder_is_unavailable(tmp_path: Path) -> None:
    """P30: a folder that is not mounted is an outage, never an erasure."""
    with pytest.raises(KeyringUnavailable):
        FileEpochKeys(tmp_path).current()


def test_cut_key_file_is_unavailable(folder: Path) -> None:
    """A half-written key is not taken for a key."""
    path_of(folder, 1).write_bytes(b"half")
    with pytest.raises(KeyringUnavailable, match="4 bytes"):
        FileEpochKeys(folder).wrap(1, SECRET, PLACE)


def test_epoch_key_is_never_written_over(folder: Path) -> None:
    """Making an epoch twice keeps the first key, and leaves no draft."""
    before = path_of(folder, 1).read_bytes()
    with pytest.raises(FileExistsError):
        create_epoch_key(folder, 1)
    assert path_of(folder, 1).read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["epoch-0001.key", "epoch-0002.key"]


def test_epoch_key_is_for_its_owner_only(folder: Path) -> None:
    """Nobody else on the machine reads an epoch key."""
    assert path_of(folder, 1).stat().st_mode & 0o777 == 0o600
