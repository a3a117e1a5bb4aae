"""A copy of the real cluster is whole, or the check says what is not."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.native.base_backup import move_aside, remove_aside, take_base_backup
from deploy.native.base_backup_check import verify_base_backup
from deploy.native.failure import StackError
from deploy.native.stack import Stack


@pytest.fixture(scope="module")
def taken(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the running cluster, checked when it was taken."""
    folder = tmp_path_factory.mktemp("base") / "copy"
    take_base_backup(stack, folder)
    return folder


@pytest.fixture
def copy(taken: Path, tmp_path: Path) -> Iterator[Path]:
    """The same to be spoilt."""
    folder = tmp_path / "copy"
    shutil.copytree(taken, folder)
    yield folder
    shutil.rmtree(folder)


def change(path: Path) -> None:
    """Another byte in the place of the first; the size stays."""
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)


def remove_wal(folder: Path) -> None:
    """The WAL that makes the files one state is gone."""
    for path in (folder / "pg_wal").glob("0*"):
        path.unlink()


SPOILT: dict[str, tuple[Callable[[Path], None], str]] = {
    "changed": (lambda folder: change(folder / "global" / "pg_control"), "pg_control was changed"),
    "missing": (lambda folder: (folder / "PG_VERSION").unlink(), "PG_VERSION is missing"),
    "added": (lambda folder: (folder / "base" / "x").touch(), "base/x is not in the manifest"),
    "manifest": (lambda folder: change(folder / "backup_manifest"), "its manifest"),
    "wal": (remove_wal, "Reading the backup's WAL failed"),
}


def test_whole_copy_passes(copy: Path) -> None:
    """What was taken from a running server is a whole state."""
    verify_base_backup(copy)


@pytest.mark.parametrize("how", SPOILT)
def test_spoilt_copy_is_refused(copy: Path, how: str) -> None:
    """A byte, a file, the manifest or the WAL: each is missed, and named."""
    spoil, said = SPOILT[how]
    spoil(copy)
    with pytest.raises(StackError, match=said):
        verify_base_backup(copy)


def test_manifest_cannot_be_mended_by_hand(copy: Path) -> None:
    """A digest that was made to fit a changed file is found by the manifest's own checksum."""
    manifest = copy / "backup_manifest"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"Size": 3,', '"Size": 4,', 1), encoding="utf-8")
    with pytest.raises(StackError, match="its manifest was changed"):
        verify_base_backup(copy)


def test_first_state_that_was_moved_aside_is_kept(tmp_path: Path) -> None:
    """A second try does not bury what was there before the first."""
    place = tmp_path / "data"
    for name in ("first", "second"):
        place.mkdir()
        (place / name).touch()
        move_aside(place)
    assert [path.name for path in (tmp_path / "data.before").iterdir()] == ["first"]
    assert not place.exists()
    remove_aside(place)
    assert list(tmp_path.iterdir()) == []
