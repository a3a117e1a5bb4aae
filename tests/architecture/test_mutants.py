"""Every planted fault still has its place, and its test."""

from pathlib import Path

import pytest

from tests.mutants.planted import MUTANTS, Mutant

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_a_planted_fault_has_its_place_and_its_test(mutant: Mutant) -> None:
    """What is changed moves its mutant along; none is left that changes nothing."""
    for edit in mutant.edits:
        assert (CHECKOUT / edit.path).read_text(encoding="utf-8").count(edit.was) == 1, edit.was
    path, _, test = mutant.caught_by.partition("::")
    assert f"def {test.partition('[')[0]}(" in (CHECKOUT / path).read_text(encoding="utf-8")
