"""A secret's file appears whole, survives a crash at any point, and leaves no byte behind."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from libs.keyring.epoch_keys import EpochKeyGone, FileEpochKeys, path_of
from libs.keyring.key_files import destroy_secret, write_new_secret
from libs.keyring.keys import bound_to
from libs.keyring.testing.conformance import new_id

SECRET = b"s" * 32
PLACE = bound_to(new_id(), "quote", revision=1, epoch=1)


def renamed(path: Path) -> None:
    """A destruction that was killed after the first of its steps."""
    path.rename(path.with_suffix(".doomed"))


def half_overwritten(path: Path) -> None:
    """A destruction that was killed in the middle of writing."""
    renamed(path)
    with path.with_suffix(".doomed").open("r+b") as file:
        file.write(bytes(16))


def removed(path: Path) -> None:
    """A destruction that was killed after the last of its steps."""
    path.unlink()


def drafted(path: Path) -> None:
    """A making that was killed before it tidied up: its draft is the same file by another name."""
    os.link(path, path.with_suffix(".draft"))


@pytest.mark.parametrize("killed", [renamed, half_overwritten, removed, drafted])
def test_destruction_goes_on_where_it_was_killed(
    tmp_path: Path, killed: Callable[[Path], None]
) -> None:
    """Whatever a crash left, the next destruction leaves nothing."""
    path = tmp_path / "epoch-0001.key"
    write_new_secret(path, SECRET)
    killed(path)
    destroy_secret(path)
    assert list(tmp_path.iterdir()) == []


def test_destroyed_bytes_are_written_over_in_place(tmp_path: Path) -> None:
    """Whoever has the file by another name finds no byte of the secret in it."""
    path, other_name = tmp_path / "epoch-0001.key", tmp_path / "other"
    write_new_secret(path, SECRET)
    os.link(path, other_name)
    destroy_secret(path)
    left = other_name.read_bytes()
    assert len(left) == len(SECRET)
    assert b"ss" not in left


def test_draft_of_a_crash_does_no_harm_to_the_secret(tmp_path: Path) -> None:
    """The draft may be the secret's own file: writing into it would replace a key in use."""
    path = tmp_path / "epoch-0001.key"
    write_new_secret(path, SECRET)
    drafted(path)
    with pytest.raises(FileExistsError):
        write_new_secret(path, b"t" * 32)
    assert path.read_bytes() == SECRET


def test_epoch_is_made_and_destroyed_as_often_as_asked(tmp_path: Path) -> None:
    """A round that is taken up asks again: the key stays the one it was, and stays gone."""
    keys = FileEpochKeys(tmp_path)
    keys.create(1)
    wrapped = keys.wrap(1, SECRET, PLACE)
    keys.create(1)
    assert keys.unwrap(1, wrapped, PLACE) == SECRET
    keys.destroy(1)
    keys.destroy(1)
    with pytest.raises(EpochKeyGone):
        keys.unwrap(1, wrapped, PLACE)


def test_ended_epoch_leaves_the_memory(tmp_path: Path) -> None:
    """What another process destroyed is not kept here either."""
    keys = FileEpochKeys(tmp_path)
    keys.create(1)
    keys.wrap(1, SECRET, PLACE)
    destroy_secret(path_of(tmp_path, 1))
    keys.forget_gone()
    assert keys._ciphers == {}
