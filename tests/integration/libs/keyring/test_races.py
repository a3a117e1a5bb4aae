"""Two that want the same record at once: one outcome, and both see it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from libs.events.queries import load_queries
from libs.keyring.keys import DataKey
from libs.keyring.openings import LinkedRecord, RecordErased, Shredded
from libs.keyring.testing.conformance import (
    AT,
    INVOICE_HOLD,
    LATER,
    accept,
    make_quote,
    new_id,
    new_index,
)
from libs.keyring.testing.taking_back import provisional
from tests.integration.libs.keyring.instances import Instances

QUERIES = load_queries(Path(__file__).parent / "inspection.sql")
PATIENCE_SECONDS = 10


async def wait_for_waiting(instances: Instances, count: int) -> None:
    """Until that many sessions wait for a lock."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await instances.pools["superuser"].fetchval(QUERIES["count_waiting"]) < count:
            continue


@asynccontextmanager
async def barrier(instances: Instances, record: UUID) -> AsyncIterator[None]:
    """Keep everyone out of the record until the block ends."""
    async with instances.pools["superuser"].acquire() as connection, connection.transaction():
        await connection.fetch(QUERIES["lock_record"], record)
        yield


async def in_order(
    instances: Instances, record: UUID, first: Awaitable[Any], second: Awaitable[Any]
) -> tuple[Any, Any]:
    """Both start before either can finish, and they reach the record in this order."""
    async with barrier(instances, record):
        one = asyncio.ensure_future(first)
        await wait_for_waiting(instances, 1)
        two = asyncio.ensure_future(second)
        await wait_for_waiting(instances, 2)
    results = await asyncio.gather(one, two, return_exceptions=True)
    return results[0], results[1]


async def ready_to_go(instances: Instances) -> UUID:
    """A record whose billing key is held by nothing any more."""
    record = await make_quote(instances)
    await accept(instances, record)
    await instances("billing").release_hold(record, "billing", "order", at=AT)
    return record


async def test_hold_before_destruction_keeps_the_key(instances: Instances) -> None:
    """P37: the hold came first, so the destruction reports it."""
    record = await ready_to_go(instances)
    hold = instances("billing").place_hold(record, "billing", INVOICE_HOLD, at=LATER)
    destruction = instances("retention").destroy(record, erasure=new_id(), at=LATER)
    placed, outcome = await in_order(instances, record, hold, destruction)
    assert placed is None
    assert [one.reason for one in outcome.held] == ["invoice"]
    opened = await instances.another("billing").open_keys([(record, "billing")])
    assert isinstance(opened[record, "billing"], DataKey)


async def test_destruction_before_hold_refuses_the_hold(instances: Instances) -> None:
    """P37: the destruction came first, so whoever places the hold is told."""
    record = await ready_to_go(instances)
    hold = instances("billing").place_hold(record, "billing", INVOICE_HOLD, at=LATER)
    destruction = instances("retention").destroy(record, erasure=new_id(), at=LATER)
    outcome, refused = await in_order(instances, record, destruction, hold)
    assert isinstance(refused, RecordErased)
    assert outcome.held == ()
    opened = await instances.another("billing").open_keys([(record, "billing")])
    assert opened[record, "billing"] == Shredded("billing", LATER)


async def test_acceptance_before_destruction_is_held(instances: Instances) -> None:
    """P36: an order that came first keeps its billing key; the quote goes."""
    record = await make_quote(instances)
    destruction = instances("retention").destroy(record, erasure=new_id(), at=LATER)
    made, outcome = await in_order(instances, record, accept(instances, record), destruction)
    assert isinstance(made["billing"], DataKey)
    assert [one.category for one in outcome.destroyed] == ["quote"]
    assert [one.category for one in outcome.held] == ["billing"]


async def test_destruction_before_acceptance_refuses_the_order(instances: Instances) -> None:
    """P36: an erasure that came first leaves no key for the order."""
    record = await make_quote(instances)
    destruction = instances("retention").destroy(record, erasure=new_id(), at=LATER)
    outcome, refused = await in_order(instances, record, destruction, accept(instances, record))
    assert isinstance(refused, RecordErased)
    assert outcome.held == ()
    assert await instances.pools["superuser"].fetchval(QUERIES["count_keys"], record) == 0


async def test_hold_taken_back_while_it_begins_anew_stands(instances: Instances) -> None:
    """P36: whichever comes first, an acceptance that was begun again is held."""
    for _ in range(20):
        record = await make_quote(instances)
        await accept(instances, record)
        hold = await provisional(instances, record)
        await asyncio.gather(
            accept(instances.another, record, at=LATER),
            instances("quotes").take_back_hold(hold, at=LATER),
        )
        outcome = await instances("retention").destroy(record, erasure=new_id(), at=LATER)
        assert [one.category for one in outcome.held] == ["billing"]


async def test_same_record_made_twice_at_once_has_one_key(instances: Instances) -> None:
    """Two instances that make the same key at the same time get the same one."""
    record = new_id()
    made = await asyncio.gather(
        *(
            instances.another("quotes").make_keys(
                record, kind="quote", categories=["quote"], subject=None, at=AT
            )
            for _ in range(8)
        )
    )
    assert len({keys["quote"].secret for keys in made}) == 1


async def test_subject_removed_while_a_new_record_comes_is_made_again(instances: Instances) -> None:
    """P32: a person's last record goes while their next one comes: the new one is linked."""
    for _ in range(40):
        subject = new_index()
        old = await make_quote(instances, subject=subject)
        _, new = await asyncio.gather(
            instances("retention").destroy(old, erasure=new_id(), at=LATER),
            make_quote(instances, subject=subject, at=LATER),
        )
        linked = await instances("retention").records_of(subject)
        assert linked == [LinkedRecord(new, "quote")]


@pytest.mark.parametrize("rounds", [30])
async def test_crowd_on_few_records_ends_in_one_outcome_each(
    instances: Instances, rounds: int
) -> None:
    """However acceptances and destructions interleave, held and destroyed never both happen."""
    for _ in range(rounds):
        record = await make_quote(instances, subject=new_index())
        accepted, outcome = await asyncio.gather(
            accept(instances.another, record, at=LATER),
            instances("retention").destroy(record, erasure=new_id(), at=LATER),
            return_exceptions=True,
        )
        assert not isinstance(outcome, BaseException)
        assert bool(outcome.held) != isinstance(accepted, RecordErased)
