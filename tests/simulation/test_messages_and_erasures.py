"""Whatever else may happen against an erasure under way, in every interleaving."""

import pytest

from tests.simulation.pairs import MESSAGES
from tests.simulation.sweeping import sweep_over


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", MESSAGES)
def test_every_interleaving_keeps_the_promises(name: str) -> None:
    """Whatever happens to a record beside its erasure, the erasure is whole and ends."""
    assert sweep_over(name, MESSAGES[name]).ends > 0
