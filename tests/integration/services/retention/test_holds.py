"""Holds on a real keyring and log: their end is told by the guarded sweep, and they stand."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from libs.events.values import Category, Owner
from libs.events.view import fold_rows
from libs.events.vocabulary.billing import InvoiceHoldPlaced, InvoiceHoldReleased
from libs.events.vocabulary.consent import ErasureRequested
from libs.events.vocabulary.retention import RecordDue
from libs.keyring.keys import DataKey
from libs.keyring.openings import HoldRequest
from services.retention.main import CLOCK_VIEW
from tests.integration.services.retention.running import Running

PERSON = b"a blind index, 32 bytes in truth"
BASIS = "AWR art. 52(4)"
UNTIL_ON = date(2033, 12, 31)
TEN_YEARS_DAYS = 3653


async def invoiced(running: Running, until_on: date = UNTIL_ON) -> UUID:
    """A record of which only the billing party is left, held until a day."""
    record, at = running.ground.ids.new(), running.clock.now()
    hold = HoldRequest(category="billing", reason="order", basis=BASIS, until_on=until_on)
    await running.keyrings[Owner.QUOTES].make_keys(
        record, kind="quote", categories=["billing"], subject=PERSON, at=at, hold=hold
    )
    await places_hold(running, record, until_on)
    return record


async def places_hold(running: Running, record: UUID, until_on: date) -> None:
    """Billing says that the law keeps the billing party until a day."""
    placed = InvoiceHoldPlaced(
        category=Category.BILLING, reason="order", basis=BASIS, until_on=until_on
    )
    await running.hear(Owner.BILLING, record, placed)


async def releases_hold(running: Running, record: UUID) -> None:
    """Billing releases the hold, at the keyring first."""
    now = running.clock.now()
    await running.keyrings[Owner.BILLING].release_hold(record, "billing", "order", at=now)
    released = InvoiceHoldReleased(category=Category.BILLING, reason="order")
    await running.hear(Owner.BILLING, record, released)


async def opens(running: Running, record: UUID) -> bool:
    """Whether billing can still read the record."""
    keyring = running.keyrings[Owner.BILLING]
    keyring.revoke(record)
    return isinstance((await keyring.open_keys([(record, "billing")]))[record, "billing"], DataKey)


async def sweep(running: Running) -> int:
    """One sweep, and all that follows from it."""
    answer = await running.post("/api/sweep")
    await running.finish()
    called: int = answer.json()["called_due"]
    return called


@pytest.mark.policy("5.1.holds")
async def test_clock_that_jumped_tells_no_hold_its_end(running: Running) -> None:
    """Past a jump no hold is let go before an operator has looked (F42)."""
    await running.post("/api/sweep")
    record = await invoiced(running)
    running.pass_days(TEN_YEARS_DAYS)
    stopped = await running.post("/api/sweep")
    before = await running.names(record)
    await running.post("/api/sweep/confirmation")
    assert (stopped.status_code, before, await sweep(running)) == (409, ["ClockStarted"], 1)


@pytest.mark.policy("5.1.holds")
async def test_hold_stands_past_its_end_until_it_is_released(running: Running) -> None:
    """Its end is told once and erases nothing; after the release it goes by itself."""
    record = await invoiced(running)
    running.pass_days(TEN_YEARS_DAYS)
    told = [await sweep(running), await sweep(running)]
    stands = await opens(running, record)
    await releases_hold(running, record)
    assert (told, stands, await sweep(running)) == ([1, 0], True, 1)
    assert not await opens(running, record)
    assert await running.names(record) == [
        "ClockStarted",
        "RecordDue",
        "ClockStarted",
        "RecordDue",
        "RecordErased",
    ]


@pytest.mark.policy("5.1.billing")
async def test_hold_is_told_after_its_last_day_and_not_on_it(running: Running) -> None:
    """The whole last day, in Amsterdam, belongs to the hold."""
    record = await invoiced(running, date(2060, 6, 30))
    running.clock.advance_to(datetime(2060, 6, 30, 21, 59, tzinfo=UTC))
    on_last_day = await sweep(running)
    running.clock.advance_to(datetime(2060, 6, 30, 22, 0, tzinfo=UTC))
    assert (on_last_day, await sweep(running)) == (0, 1)
    assert await running.names(record) == ["ClockStarted", "RecordDue"]


async def test_moved_hold_is_told_again_at_its_new_end(running: Running) -> None:
    """When billing finds that a later invoice moved the day, that day is told too."""
    record = await invoiced(running)
    running.pass_days(TEN_YEARS_DAYS)
    first = await sweep(running)
    await places_hold(running, record, date(2050, 12, 31))
    between = await sweep(running)
    running.pass_days(2 * TEN_YEARS_DAYS)
    await running.post("/api/sweep/confirmation")
    assert (first, between, await sweep(running)) == (1, 0, 1)
    told = [one.event for one in await running.facts() if isinstance(one.event, RecordDue)]
    assert (len(told), await opens(running, record)) == (2, True)


@pytest.mark.policy("6.erasure")
async def test_hold_without_a_last_day_is_tried_again_once_a_day(running: Running) -> None:
    """What an erasure met under a provisional hold is finished by the same path once that ends."""
    record = await running.quoted(PERSON, is_ordered=True)
    request = await running.requester(PERSON)
    asked = ErasureRequested(received_at=running.clock.now(), due_on=date(2099, 1, 1))
    await running.hear(Owner.CONSENT, request, asked)
    await running.finish()
    called = [await sweep(running)]
    for _ in range(2):
        running.pass_days(1)
        called += [await sweep(running), await sweep(running)]
    stands = await opens(running, record)
    now = running.clock.now()
    await running.keyrings[Owner.BILLING].release_hold(record, "billing", "order", at=now)
    running.pass_days(1)
    called.append(await sweep(running))
    assert (called, stands, await opens(running, record)) == ([0, 1, 0, 1, 0, 1], True, False)


async def test_rebuilt_clocks_equal_the_live_ones(running: Running) -> None:
    """Folding the log from its beginning gives the rows that the sweep reads."""
    record = await invoiced(running)
    await running.quoted(PERSON, is_ordered=True)
    running.pass_days(TEN_YEARS_DAYS)
    await sweep(running)
    heard = [one for one in await running.facts() if type(one.event) in CLOCK_VIEW.hears]
    rebuilt = fold_rows(CLOCK_VIEW, {}, heard)
    async with running.ground.pool.acquire() as connection:
        live = await CLOCK_VIEW.table.read(connection, list(rebuilt))
    assert (rebuilt, (record, "billing") in live) == (live, True)
