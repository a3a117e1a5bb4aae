"""Every file under the home belongs to a store, and only what left our hands is left out."""

from pathlib import Path

import pytest

from ops.scan import places
from ops.scan.places import Place, outside, store_of


@pytest.mark.parametrize(
    ("path", "store"),
    [
        ("postgres/data/base/5/1259", places.PAGES),
        ("postgres/data/pg_wal/000000010000000000000001", places.WAL),
        ("kafka/quotes.events-0/00000000000000000000.log", places.KAFKA_FILES),
        ("bucket/invoices/a", places.BUCKET),
        ("bucket-metadata/invoices/a", places.METADATA),
        ("logs/quotes.log", "logs"),
        ("clock.json", places.OTHER),
        ("something/new", places.OTHER),
    ],
)
def test_store_is_told_by_the_folder(path: str, store: str) -> None:
    """A file's store follows from where it lies; what is not known is looked at all the same."""
    assert store_of(Path(path)) == store


@pytest.mark.parametrize(
    ("path", "store"),
    [
        ("postgres/data/base/5/16400", places.ASIDE),
        ("postgres/data/base/5/16400.1", places.ASIDE),
        ("postgres/data/base/5/1640", places.PAGES),
        ("postgres/data/base/6/16400", places.PAGES),
    ],
)
def test_long_values_are_told_by_their_files(path: str, store: str) -> None:
    """Which files hold long values only Postgres can say; the parts of a large one go with it."""
    assert store_of(Path(path), {"base/5/16400"}) == store


def test_what_left_our_hands_is_left_out_and_counted(tmp_path: Path) -> None:
    """Only outside/ at the top of the home is not looked at, and the scan can say how much."""
    for name in ("outside/mailbox/1.eml", "logs/outside/a.log", "clock.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("12345")
    found = {str(place.path.relative_to(tmp_path)) for place in places.places(tmp_path)}
    assert found == {"logs/outside/a.log", "clock.json"}
    assert outside(tmp_path) == (1, 5)


def test_linked_folder_is_looked_into(tmp_path: Path) -> None:
    """A cluster that lies elsewhere and is linked into the home is looked at."""
    elsewhere, home = tmp_path / "elsewhere", tmp_path / "home"
    (elsewhere / "data").mkdir(parents=True)
    (elsewhere / "data" / "1259").write_text("page")
    home.mkdir()
    (home / "postgres").symlink_to(elsewhere)
    (elsewhere / "round").symlink_to(home)
    assert list(places.places(home)) == [
        Place(places.PAGES, home / "postgres" / "data" / "1259", 4)
    ]
