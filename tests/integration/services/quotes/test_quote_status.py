"""The view on a real database: rebuilt it is the same, and its end of offers is found by index."""

from libs.events.view import fold_rows
from services.quotes.main import QUOTE_STATUS
from services.quotes.store.quote_status_table import QUERIES
from tests.integration.services.quotes.running import INSPECTION, Running
from tests.integration.services.quotes.test_customer_doors import days_on
from tests.integration.services.quotes.test_erasure import erase
from tests.unit.services.quotes.examples import TODAY_ON


async def test_rebuilt_view_equals_the_live_one(running: Running) -> None:
    """Folding the log from its beginning gives the rows that are there, erased ones included."""
    accepted, erased = [await running.offered(days_on(running, 30)) for _ in range(2)]
    await running.post(await running.answer_path(accepted), {})
    await erase(running, erased)
    heard = [*await running.log.load(accepted), *await running.log.load(erased)]
    rebuilt = fold_rows(QUOTE_STATUS, {}, heard)
    async with running.ground.pool.acquire() as connection:
        live = await QUOTE_STATUS.table.read(connection, list(rebuilt))
    assert (rebuilt, len(live)) == (live, 2)


async def test_ended_offers_are_found_by_index(running: Running) -> None:
    """The timer reads what is past its date without reading the other quotes or sorting."""
    async with running.ground.pool.acquire() as connection, connection.transaction():
        await connection.execute(INSPECTION["avoid_scans"])
        plan = await connection.fetch("explain " + QUERIES["find_ended_offers"], TODAY_ON, 10)
    text = "\n".join(row[0] for row in plan)
    assert ("quote_status_by_offer_end" in text, "Sort" in text) == (True, False)
