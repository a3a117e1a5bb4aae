"""Erasures against what has no number in the fault table, in every interleaving of their steps."""

import pytest

from tests.simulation.pairs import UNNUMBERED
from tests.simulation.sweeping import sweep_over


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", UNNUMBERED)
def test_every_interleaving_keeps_the_promises(name: str) -> None:
    """Whatever happens to a record beside its erasure, the erasure is whole and ends."""
    assert sweep_over(name, UNNUMBERED[name]).ends > 0
