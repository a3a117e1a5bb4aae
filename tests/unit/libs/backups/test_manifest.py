"""A manifest finds every file that is missing, changed or too many."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from libs.backups.manifest import (
    BackupDamaged,
    Manifest,
    read_manifest,
    sum_files,
    verify_files,
    write_manifest,
)
from libs.keyring.journal import NOTHING


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A backup of three files."""
    for name in ("postgres/base/1", "bucket/a", "journal/erasures.jsonl"):
        path = tmp_path / "one" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="ascii")
    return tmp_path / "one"


@pytest.fixture
def manifest(folder: Path) -> Manifest:
    """Its manifest, written into it."""
    made = Manifest(
        name="one",
        taken_at=datetime(2026, 3, 1, tzinfo=UTC),
        kept_days=30,
        policy_version="1",
        policy_digest="0",
        journal=NOTHING,
        files=sum_files(folder),
    )
    write_manifest(folder, made)
    return made


def test_whole_backup_is_what_its_manifest_says(folder: Path, manifest: Manifest) -> None:
    """It is read back the same, and nothing is found."""
    assert read_manifest(folder) == manifest
    assert sorted(manifest.files) == ["bucket/a", "journal/erasures.jsonl", "postgres/base/1"]
    verify_files(folder, manifest)


def test_changed_file_is_found(folder: Path, manifest: Manifest) -> None:
    """One byte is enough, also when the size stays."""
    (folder / "bucket/a").write_text("bucket/b", encoding="ascii")
    with pytest.raises(BackupDamaged, match="bucket/a of backup one was changed"):
        verify_files(folder, manifest)


def test_missing_file_is_found(folder: Path, manifest: Manifest) -> None:
    """A file that is gone is named."""
    (folder / "postgres/base/1").unlink()
    with pytest.raises(BackupDamaged, match="postgres/base/1 is missing"):
        verify_files(folder, manifest)


def test_file_put_in_is_found(folder: Path, manifest: Manifest) -> None:
    """A file that nobody backed up is not brought back."""
    (folder / "bucket/b").touch()
    with pytest.raises(BackupDamaged, match="bucket/b is not in the manifest"):
        verify_files(folder, manifest)


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff"])
def test_backup_without_a_sound_manifest_is_none(folder: Path, content: bytes) -> None:
    """What broke off on its way is not taken for a backup."""
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(BackupDamaged, match="has no manifest"):
        read_manifest(folder)
