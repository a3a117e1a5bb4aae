"""Holds against an erasure under way, in every interleaving of their steps."""

import pytest

from tests.simulation.pairs import HOLDS
from tests.simulation.sweeping import sweep_over


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", HOLDS)
def test_every_interleaving_keeps_the_promises(name: str) -> None:
    """What the law holds is never destroyed, and goes by itself once it does not."""
    assert sweep_over(name, HOLDS[name]).ends > 0
