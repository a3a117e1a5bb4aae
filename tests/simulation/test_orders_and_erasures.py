"""Orders and invoices against an erasure under way, in every interleaving of their steps."""

import pytest

from tests.simulation.pairs import ORDERS
from tests.simulation.sweeping import sweep_over


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ORDERS)
def test_every_interleaving_keeps_the_promises(name: str) -> None:
    """An order or an invoice and an erasure have one outcome, known to all, whoever is faster."""
    assert sweep_over(name, ORDERS[name]).ends > 0
