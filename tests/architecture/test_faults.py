"""Every fault that the system was designed against is a test of its number."""

import ast
import re
from pathlib import Path

from tests.faults import table

TESTS = Path(__file__).resolve().parents[1]
NUMBERED = re.compile(r"^test_f(\d\d)_")
MEANT = {
    *range(1, 16),
    *range(19, 26),
    *range(27, 30),
    *range(31, 37),
    *range(41, 50),
    *range(52, 69),
    *range(70, 75),
    78,
}
"""F16 to F18 and F30 need three brokers or a replica; the rest waits for what it is about."""


def numbered_tests() -> set[int]:
    """The numbers of the faults that tests carry in their names."""
    found = map(NUMBERED.match, names_of_tests())
    return {int(one[1]) for one in found if one}


def names_of_tests() -> set[str]:
    """Every function of the tests."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in TESTS.rglob("*.py"))
    return {
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_fault_is_a_test_of_its_number() -> None:
    """No row of the fault table is forgotten."""
    assert sorted(MEANT - numbered_tests()) == []


def test_every_row_of_the_table_is_a_test() -> None:
    """What was seen of a test that is gone, or has another name, is not shown any more."""
    shown = table.read_rows((TESTS / "README.md").read_text(encoding="utf-8"))
    assert {row.test for row in shown} <= names_of_tests()
