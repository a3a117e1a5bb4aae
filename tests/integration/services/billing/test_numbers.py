"""Invoice numbers have no gap, whatever fails and whoever is faster."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import asyncpg
import pytest

from deploy.native.testing import FreshDatabase
from libs.events.database import Connection
from libs.events.errors import Unavailable
from libs.events.event import Event
from libs.events.log import Append
from libs.events.postgres_log import PostgresLog
from libs.events.values import Owner
from libs.events.vocabulary.quotes import ProjectCompleted
from libs.events.work import Reaction
from libs.runtime.declared import Built
from services.billing.app.reactions import on_project_completed
from services.billing.domain.invoice_number import InvoiceNumber
from services.billing.main import DECLARED, hold_rule
from services.billing.store.books_audit import BooksAudit
from services.billing.store.invoice_series import InvoiceSeries
from tests.integration.services.billing.running import INSPECTION, Running
from tests.integration.services.billing.test_orders import year_of

SERIES = InvoiceSeries()


@dataclass
class FailsAfterTaking:
    """Takes a number and fails then, once."""

    has_failed: bool = False

    async def take_number(self, connection: Connection, year: int) -> InvoiceNumber:
        """The next number, or the failure after it."""
        number = await SERIES.take_number(connection, year)
        if not self.has_failed:
            self.has_failed = True
            message = "the rest of the decision failed"
            raise ValueError(message)
        return number


@pytest.mark.policy("2.compliance")
async def test_rolled_back_number_is_given_to_the_next(running: Running) -> None:
    """Two who issue at once wait for each other, and a failure leaves no gap."""
    async with running.pools.own.acquire() as one, running.pools.own.acquire() as other:
        failing = one.transaction()
        await failing.start()
        lost = await SERIES.take_number(one, 2026)
        waiting = asyncio.create_task(SERIES.take_number(other, 2026))
        await failing.rollback()
        assert (lost, await waiting) == (InvoiceNumber(2026, 1), InvoiceNumber(2026, 1))


async def test_each_year_counts_from_one(running: Running) -> None:
    """A new year begins its own row."""
    async with running.pools.own.acquire() as connection:
        numbers = [str(await SERIES.take_number(connection, year)) for year in (2026, 2026, 2027)]
    assert numbers == ["2026-000001", "2026-000002", "2027-000001"]


@pytest.mark.policy("2.compliance")
async def test_decision_that_fails_gives_its_number_back(running: Running) -> None:
    """A fault of ours parks the message and takes no number along, though the batch is kept."""
    numbers, rule = FailsAfterTaking(), hold_rule(running.ground.policy)
    reaction = partial(
        on_project_completed, keyring=running.ground.keyring, hold=rule, numbers=numbers
    )
    running.built = _with(running, reaction)
    failed, kept = await running.ordered(), await running.ordered()
    running.completes(failed)
    running.completes(kept)
    await running.take_in(Owner.QUOTES)
    shown = [(await running.look(f"/api/orders/{it}"))["invoice"] for it in (failed, kept)]
    assert shown == [None, f"{year_of(running)}-000001"]


async def test_batch_that_is_lost_gives_its_numbers_back(running: Running) -> None:
    """When the keyring goes away in the middle, nothing of the batch is kept, no number either."""
    first, second = await running.ordered(), await running.ordered()
    running.completes(first)
    running.completes(second)
    running.ground.keyring.revoke(second)
    await running.pools.keyring.close()
    with pytest.raises(Unavailable):
        await running.take_in(Owner.QUOTES)
    assert await running.ground.pool.fetchval(INSPECTION["find_last_number"]) is None


async def test_invoices_that_come_back_keep_their_numbers(
    running: Running, database: Callable[[str], FreshDatabase]
) -> None:
    """A log that gets its lost invoices back, in whatever order, counts on after the last (F72)."""
    stories = [await running.log.load(await running.invoiced()) for _ in range(2)]
    async with asyncpg.create_pool(database("billing").url(), min_size=0) as pool:
        restored = PostgresLog(pool, Owner.BILLING, views=DECLARED.views)
        for story in reversed(stories):
            back = Append(record=story[0].record, expected_version=0, recorded=tuple(story))
            await restored.append(back)
        books = BooksAudit(pool)
        assert (await books.find_number_gaps(9), await books.count_lost_numbers()) == ([], 0)
        async with pool.acquire() as connection:
            number = await SERIES.take_number(connection, year_of(running))
    assert number.sequence == 3


async def test_nobody_begins_to_count_again(running: Running) -> None:
    """The service itself may not delete what was counted."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await running.ground.pool.execute(INSPECTION["delete_number"])


def _with(running: Running, reaction: Reaction) -> Built:
    reactions: dict[type[Event], Reaction] = {**running.built.reactions}
    reactions[ProjectCompleted] = reaction
    return replace(running.built, reactions=reactions)
