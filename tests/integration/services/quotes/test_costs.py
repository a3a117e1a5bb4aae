"""What an intake costs: so many statements and commits, and not one more."""

import asyncio
from collections import Counter

import pytest

from libs.doors.earlier import QUERIES as DOORS
from libs.events.postgres_rows import QUERIES as LOG
from libs.keyring.postgres_keyring import QUERIES as KEYRING
from services.quotes.store.quote_status_table import QUERIES as STORE
from tests.integration.costs.counting import Costs, count
from tests.integration.services.quotes.running import BODY, Running
from tests.integration.services.quotes.test_customer_doors import days_on

AT_ONCE = 32
LOOKS_MAX = 4
KEPT = "append_events + write_quote_status"


@pytest.fixture
async def costs(running: Running) -> Costs:
    """What the service sends, once every connection has learnt what it must."""
    pools = [running.pools.own, running.pools.keyring]
    costs = await count(pools, LOG, DOORS, KEYRING, STORE)
    await running.requested()
    await costs.seen()
    return costs


async def test_a_lone_intake_is_three_statements(running: Running, costs: Costs) -> None:
    """One look for an earlier answer, one commit for the key, one for all that follows from it."""
    await running.requested()
    assert await costs.seen() == ["find_answers", "make_keys", KEPT]


async def test_a_repeat_is_one_statement(running: Running, costs: Costs) -> None:
    """What was answered before is looked up and nothing else."""
    await running.post("/api/quotes", BODY, key="key-of-a-repeat")
    await costs.seen()
    await running.post("/api/quotes", BODY, key="key-of-a-repeat")
    assert await costs.seen() == ["find_answers"]


async def test_an_offer_is_one_look_one_read_and_one_commit(running: Running, costs: Costs) -> None:
    """A command on a record reads its facts once and its view row once."""
    quote = await running.requested()
    await costs.seen()
    body = {"amount": {"amount": "1234.50"}, "valid_until_on": days_on(running, 10)}
    await running.post(f"/api/quotes/{quote}/offer", body, staff=True)
    assert await costs.seen() == [
        *("find_answers", "load_records", "begin"),
        *("append_events", "read_quote_status", "write_quote_status", "commit"),
    ]


async def test_intakes_at_once_send_nothing_more_than_one_by_one(
    running: Running, costs: Costs
) -> None:
    """They look for earlier answers together, and never cost more commits than apart."""
    await asyncio.gather(*(running.requested() for _ in range(AT_ONCE)))
    counted = Counter(await costs.seen())
    assert counted["find_answers"] <= LOOKS_MAX
    assert counted["make_keys"] + counted[KEPT] <= 2 * AT_ONCE
    assert set(counted) == {"find_answers", "make_keys", KEPT}
