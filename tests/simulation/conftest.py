"""Keeps the services quiet while a test of this folder runs."""

from collections.abc import Iterator

import pytest

from tests.simulation import sweeping


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Nothing is logged below critical."""
    with sweeping.quiet():
        yield
