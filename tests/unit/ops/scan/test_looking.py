"""A canary is seen in a synthetic copy of every store, and nothing unreadable is passed over."""

import os
from pathlib import Path

import cramjam
import pytest

from ops.scan import places
from ops.scan.canaries import Canary
from ops.scan.looking import Looked, Stretch, look_at
from ops.scan.matcher import Matcher, patterns_of
from ops.scan.places import store_of
from tests.unit.ops.scan.test_segments import ZSTD, batch

SECRET = "Noor de Wit, Kerkstraat 12"
RAW = SECRET.encode()
MATCHER = Matcher(patterns_of([Canary("one", SECRET)]))


def look(home: Path, name: str, content: bytes = b"") -> list[Looked]:
    """What is seen when only this file is there."""
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    place = places.Place(store_of(path.relative_to(home)), path, len(content))
    return look_at([Stretch(place, 0, len(content))], MATCHER)


def stores_with_sightings(seen: list[Looked]) -> set[str]:
    """The stores in which something was seen."""
    return {one.store for one in seen if one.sightings}


@pytest.mark.parametrize(
    ("name", "content", "store"),
    [
        ("postgres/data/base/5/1259", bytes(8000) + RAW, places.PAGES),
        ("postgres/data/pg_wal/0001", bytes(500) + RAW, places.WAL),
        ("kafka/t-0/0.log", batch(0, value=RAW), places.KAFKA_FILES),
        ("kafka/t-0/1.log", batch(ZSTD, value=RAW * 50), "kafka records, zstd"),
        ("bucket/invoices/a", RAW, places.BUCKET),
        ("logs/quotes.log", RAW, "logs"),
        ("logs/old.log.gz", bytes(cramjam.gzip.compress(RAW * 9)), "compressed files, gzip"),
        ("backups/whole/a/b.lz4", bytes(cramjam.lz4.compress(RAW)), "compressed files, lz4"),
        ("backups/whole/a/postgres/base/5/1", RAW, "backups"),
        ("postgres/data/base/pgsql_tmp/t1", RAW, places.TEMPORARY),
        ("bucket/invoices/.sgwtmp/multipart/x/1", RAW, places.PARTS),
        ("keys/epoch-0001.key", RAW, "keys"),
        ("caddy/data/x", RAW.hex().encode(), "caddy"),
        (f"run/{SECRET}.pid", b"", places.NAMES),
    ],
)
def test_canary_is_seen_in_its_store(tmp_path: Path, name: str, content: bytes, store: str) -> None:
    """What was planted in one store is seen there."""
    assert store in stores_with_sightings(look(tmp_path, name, content))


def test_canary_across_two_wal_pages_is_seen(tmp_path: Path) -> None:
    """A text that a page header of the WAL cut in two is seen."""
    content = bytes(8192 - 5) + RAW[:5] + bytes(24) + RAW[5:] + bytes(8192)
    assert stores_with_sightings(look(tmp_path, "postgres/data/pg_wal/2", content)) == {places.WAL}


def test_canary_in_an_attribute_is_seen(tmp_path: Path) -> None:
    """The object store keeps metadata in extended attributes; these are searched as well."""
    path = tmp_path / "bucket" / "a"
    path.parent.mkdir()
    path.touch()
    os.setxattr(path, "user.metadata", b'{"name":"' + RAW + b'"}')
    seen = look_at([Stretch(places.Place(places.BUCKET, path, 0), 0, 0)], MATCHER)
    assert stores_with_sightings(seen) == {places.ATTRIBUTES}


def test_vanished_file_is_no_fault(tmp_path: Path) -> None:
    """A file that its server removed since it was listed holds nothing any more."""
    gone = places.Place("logs", tmp_path / "gone", 3)
    assert [one.faults for one in look_at([Stretch(gone, 0, 3)], MATCHER)] == [[]]


@pytest.mark.parametrize(
    ("name", "content"),
    [("kafka/t-0/0.log", batch(ZSTD)[:-2]), ("logs/a.gz", b"\x1f\x8b\x08" + b"x" * 40)],
)
def test_what_cannot_be_opened_is_a_fault(tmp_path: Path, name: str, content: bytes) -> None:
    """A batch or file that cannot be opened was not searched, and that is said."""
    assert any(one.faults for one in look(tmp_path, name, content))


def test_folder_in_the_place_of_a_file_is_a_fault(tmp_path: Path) -> None:
    """What cannot be read at all is said."""
    folder = places.Place("logs", tmp_path, 3)
    assert any(one.faults for one in look_at([Stretch(folder, 0, 3)], MATCHER))
