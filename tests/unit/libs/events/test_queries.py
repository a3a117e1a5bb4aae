"""Named SQL."""

from pathlib import Path

import pytest

from libs.events.postgres_rows import QUERIES
from libs.events.queries import load_queries

FILE = """-- What this file is for.

-- name: find_one
-- One of them.
select 1;

-- name: find_two
select 2
  from somewhere;
"""


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "queries.sql"
    path.write_text(text, encoding="utf-8")
    return path


def test_statements_are_found_by_name(tmp_path: Path) -> None:
    """Each statement is read under its name, in the order of the file, without its semicolon."""
    queries = load_queries(_written(tmp_path, FILE))
    assert dict(queries) == {
        "find_one": "-- One of them.\nselect 1",
        "find_two": "select 2\n  from somewhere",
    }
    assert len(queries) == 2


def test_a_missing_statement_names_the_file(tmp_path: Path) -> None:
    """A wrong name is told with the file it was looked for in."""
    queries = load_queries(_written(tmp_path, FILE))
    with pytest.raises(KeyError, match=r"no query named find_three in queries\.sql"):
        queries["find_three"]


def test_a_name_stands_once(tmp_path: Path) -> None:
    """A second statement of the same name is refused instead of shadowing the first."""
    with pytest.raises(ValueError, match="find_one stands twice"):
        load_queries(_written(tmp_path, FILE + FILE))


def test_a_file_without_statements_is_empty(tmp_path: Path) -> None:
    """Comments alone are no statement."""
    assert dict(load_queries(_written(tmp_path, "-- Nothing yet.\n"))) == {}


@pytest.mark.parametrize("name", list(QUERIES))
def test_every_statement_says_what_it_is_for(name: str) -> None:
    """Below its name each statement of the log has a line that ends in a full stop."""
    first = QUERIES[name].splitlines()[0]
    assert first.startswith("-- ")
    assert first.endswith(".")
