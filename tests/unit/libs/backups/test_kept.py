"""Backups end with their term, each is written down, and what broke off is taken up."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from libs.backups.kept import (
    ENDING,
    end_overdue,
    find_backup,
    list_backups,
    list_ended,
    list_overdue,
)
from libs.backups.manifest import Manifest, sum_files, write_manifest
from libs.events.errors import NotFound
from libs.keyring.journal import NOTHING

NOW = datetime(2026, 3, 31, tzinfo=UTC)
TERM = timedelta(days=30)


def backup(folder: Path, name: str, *, days_old: int) -> Path:
    """A backup that was taken so many days ago."""
    path = folder / name
    (path / "postgres").mkdir(parents=True)
    (path / "postgres" / "PG_VERSION").write_text("18", encoding="ascii")
    manifest = Manifest(
        name=name,
        taken_at=NOW - timedelta(days=days_old),
        kept_days=30,
        policy_version="1",
        policy_digest="0",
        journal=NOTHING,
        files=sum_files(path),
    )
    write_manifest(path, manifest)
    return path


@pytest.mark.policy("5.1.backups")
def test_backup_goes_when_its_term_is_over_and_not_before(tmp_path: Path) -> None:
    """Thirty days after it was taken it is gone, its neighbours stay, and a line says so."""
    for name, days_old in (("a", 31), ("b", 30), ("c", 29), ("d", 0)):
        backup(tmp_path, name, days_old=days_old)
    assert [one.name for one in list_overdue(tmp_path, now=NOW, term=TERM)] == ["a", "b"]
    ended = end_overdue(tmp_path, now=NOW, term=TERM)
    assert [one.name for one in ended] == ["a", "b"]
    assert [one.name for one in list_backups(tmp_path)] == ["c", "d"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "d", "ended.jsonl"]
    assert list_ended(tmp_path) == ended


@pytest.mark.policy("5.1.backups")
def test_removal_that_broke_off_is_taken_up(tmp_path: Path) -> None:
    """A backup half removed is no backup, and the next run ends it with its own moment."""
    path = backup(tmp_path, "a", days_old=40).rename(tmp_path / f"{ENDING}a")
    (path / "postgres" / "PG_VERSION").unlink()
    assert list_backups(tmp_path) == []
    (ended,) = end_overdue(tmp_path, now=NOW, term=TERM)
    assert (ended.name, ended.taken_at) == ("a", NOW - timedelta(days=40))
    assert end_overdue(tmp_path, now=NOW, term=TERM) == []


def test_newest_backup_is_found_by_its_moment(tmp_path: Path) -> None:
    """Without a name the newest is meant; drafts and what has no manifest are none."""
    backup(tmp_path, "a", days_old=1)
    backup(tmp_path, "b", days_old=3)
    (tmp_path / ".draft-c").mkdir()
    (tmp_path / "d").mkdir()
    assert find_backup(tmp_path, None).name == "a"
    assert find_backup(tmp_path, "b").name == "b"
    with pytest.raises(NotFound, match="no backup d"):
        find_backup(tmp_path, "d")


def test_no_folder_is_no_backup(tmp_path: Path) -> None:
    """Before the first backup there is nothing to end."""
    assert end_overdue(tmp_path / "none", now=NOW, term=TERM) == []
    with pytest.raises(NotFound):
        find_backup(tmp_path / "none", None)
