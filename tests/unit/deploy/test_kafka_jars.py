"""The jars that the broker may run on."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.native import kafka_jars


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two jars and the list that names them."""
    jars = tmp_path / "jars"
    jars.mkdir()
    (jars / "a.jar").write_bytes(b"a")
    (jars / "b.jar").write_bytes(b"b")
    checksums = tmp_path / "jars.sha256"
    checksums.write_text(
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a.jar\n"
        "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d  b.jar\n"
    )
    monkeypatch.setattr(kafka_jars, "CHECKSUMS", checksums)
    return jars


def test_jars_as_listed_are_taken(folder: Path) -> None:
    """What was pinned is accepted."""
    assert kafka_jars.fault(folder) is None


def test_changed_jar_is_refused(folder: Path) -> None:
    """A jar with other bytes never runs."""
    (folder / "a.jar").write_bytes(b"x")
    assert kafka_jars.fault(folder) == "a.jar has another checksum than jars.sha256"


def test_missing_jar_is_refused(folder: Path) -> None:
    """A half-finished download is not taken for a whole one."""
    (folder / "a.jar").unlink()
    assert kafka_jars.fault(folder) == "1 of 2 jars are missing"


def test_stranger_is_refused(folder: Path) -> None:
    """A jar that nobody listed would be on the class path too."""
    (folder / "c.jar").write_bytes(b"c")
    assert kafka_jars.fault(folder) == "unexpected jar c.jar"
