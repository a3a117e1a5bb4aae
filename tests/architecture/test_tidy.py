"""The house rules that a machine can check."""

import ast
from pathlib import Path

import pytest

from tests.architecture import tidiness

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("libs", "services", "ops", "deploy", "tests")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
PRODUCT = [path for path in SOURCES if ROOT / "tests" not in path.parents]

LONGER_FILES: dict[str, str] = {}
"""Files over the limit, each with its reason; the list only shrinks."""

_KEYS = "a record's keys, its subject and its first hold are one decision (D7)"
MORE_PARAMETERS: dict[str, str] = {
    f"libs/keyring/{file}.py: make_keys takes 6 parameters": _KEYS
    for file in ("keyring", "postgres_keyring", "testing/memory_keyring")
}
"""Functions over the limit, each with its reason; the list only shrinks."""


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_function_is_longer_than_a_screen() -> None:
    """A function has at most 70 lines."""
    found = {
        _named(path): long for path in SOURCES if (long := tidiness.long_functions(_tree(path)))
    }
    assert found == {}


def test_no_file_is_longer_than_a_sitting() -> None:
    """A file has at most 400 lines, unless it is named with its reason."""
    lengths = {_named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    long = {name for name, length in lengths.items() if length > tidiness.FILE_LINES_MAX}
    assert long == set(LONGER_FILES)


def test_no_function_asks_for_too_much() -> None:
    """A function takes at most five parameters, unless it is named with its reason."""
    found = {
        f"{_named(path)}: {one}"
        for path in PRODUCT
        for one in tidiness.many_parameters(_tree(path))
    }
    assert found == set(MORE_PARAMETERS)


def test_rooms_that_decide_and_see_are_pure() -> None:
    """Domain, projections and vocabulary read no clock and do not wait."""
    found = {
        _named(path): impure
        for path in PRODUCT
        if tidiness.is_pure_room(path) and (impure := tidiness.impure(_tree(path)))
    }
    assert found == {}


def test_package_files_hold_a_docstring_only() -> None:
    """An `__init__.py` says what its package is and does nothing."""
    packages = [path for path in SOURCES if path.name == "__init__.py"]
    assert [_named(path) for path in packages if tidiness.not_only_docstring(_tree(path))] == []


def test_every_test_says_its_rule() -> None:
    """A test without the rule it guards does not say what a red one means."""
    silent = [
        f"{_named(path)}: {name}" for path in SOURCES for name in tidiness.silent_tests(_tree(path))
    ]
    assert silent == []


def test_sql_stands_in_sql_files() -> None:
    """No statement is written where it is called."""
    found = {
        _named(path): sql for path in PRODUCT if (sql := tidiness.sql_at_the_call(_tree(path)))
    }
    assert found == {}


def test_no_module_has_a_vague_name() -> None:
    """A module is named after what it holds."""
    assert [_named(path) for path in SOURCES if path.stem in tidiness.VAGUE_NAMES] == []


def test_no_note_to_oneself_is_left() -> None:
    """Nothing unfinished is marked in the code."""
    found = {
        _named(path): marks
        for path in SOURCES
        if (marks := tidiness.stray_markers(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("source", "check"),
    [
        ("async def decide(): ...", tidiness.impure),
        ("import datetime\ndef f():\n    return datetime.datetime.now()", tidiness.impure),
        ("x = 'select a from b where c = 1'", tidiness.sql_at_the_call),
        ("def f(a, b, c, d, e, f): ...", tidiness.many_parameters),
        ("def f():\n" + "    x = 1\n" * 71, tidiness.long_functions),
    ],
)
def test_a_planted_fault_is_caught(source: str, check: object) -> None:
    """Each check can fail."""
    assert callable(check)
    assert check(ast.parse(source)) != []
