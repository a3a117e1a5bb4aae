"""What a sweep costs: by what is due, not by what is kept."""

import pytest

from services.retention.store.clock_table import QUERIES
from tests.integration.costs.counting import buffers
from tests.integration.services.retention.running import INSPECTION, Running

FEW, MANY = 200, 20_000
DEEPER = 2
"""A tree of a hundred times the leaves is so many pages deeper at most."""
PAGES_EACH = 3


async def pages(running: Running, *, kept: int, due: int) -> int:
    """How many pages it takes to claim what is due, beside so much that is kept."""
    now = running.clock.now()
    async with running.ground.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(INSPECTION["keep_clocks"], kept, now)
        await connection.execute(INSPECTION["end_clocks"], due, now)
        found = await buffers(connection, QUERIES["claim_due"], now, 1000)
        await transaction.rollback()
    return found


@pytest.mark.parametrize("due", [1, 20])
async def test_a_sweep_does_not_grow_with_what_is_kept(running: Running, due: int) -> None:
    """A hundred times as many kept terms: the same pages, but for the depth of the index."""
    few = await pages(running, kept=FEW, due=due)
    many = await pages(running, kept=MANY, due=due)
    assert many <= few + DEEPER * (due + 1)


@pytest.mark.parametrize("due", [10, 100])
async def test_a_sweep_grows_with_what_is_due(running: Running, due: int) -> None:
    """Each due term costs its few pages: place in the index, row, lock."""
    assert await pages(running, kept=MANY, due=due) <= PAGES_EACH * due
