"""Views rebuilt from Kafka while traffic flows, and from facts whose keys are destroyed."""

import asyncio
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from deploy.native.buckets import client
from deploy.native.stack import CHECKOUT, SERVICES, Stack
from deploy.native.testing import running_stack
from ops.log_readers import QUERIES
from tests.faults.extent import Extent
from tests.faults.load import loaded
from tests.faults.people import People

pytestmark = pytest.mark.timeout(900)
VERIFIED, SWITCHED = "--verify", "--switch"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """One whole stack for all tests of the file."""
    with running_stack(CHECKOUT / ".local-faults-replays", parts="everything") as made:
        yield made


async def rebuilt(people: People, mode: str) -> list[dict[str, Any]]:
    """Every view of every service rebuilt; each is what it was."""
    words = ("replay", "all", mode, *(("--yes",) if mode == SWITCHED else ()))
    items = (await asyncio.to_thread(people.operator.run, *words))["items"]
    assert all(one["phase"] == "done" for one in items), items
    found: list[dict[str, Any]] = items
    return found


async def outside(stack: Stack) -> dict[str, int]:
    """What must not change by a replay: facts, letters, objects, keys."""
    counts = {
        service: (await _ask(stack, "operator", service, "count_events"))[0]["count"]
        for service in SERVICES
    }
    counts["letters"] = len(list(stack.mailbox.glob("*.eml")))
    objects = client(stack)
    counts["objects"] = sum(
        len(list(objects.list_objects(one.name, recursive=True, include_version=True)))
        for one in objects.list_buckets()
    )
    by_epoch = await _ask(stack, "superuser", "keyring", "count_keys_by_epoch")
    counts["keys"] = sum(row["keys"] for row in by_epoch)
    return counts


async def _ask(stack: Stack, role: str, database: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(stack.database_url(role, database))
    try:
        return list(await connection.fetch(QUERIES[query]))
    finally:
        await connection.close()


async def test_f67_every_view_is_rebuilt_and_switched_under_load(
    extent: Extent, stack: Stack
) -> None:
    """While traffic flows the views change places, and nothing is lost, doubled or done again."""
    people, switched = People(stack), 0
    async with loaded(stack, seed="f67") as load:
        await load.goes_on(30)
        for _ in range(extent.of(1, 10)):
            items = await rebuilt(people, SWITCHED)
            assert all(one["switched"] for one in items), items
            switched += len(items)
            await load.goes_on(10)
    said = await load.settled()
    before = await outside(stack)
    items = await rebuilt(people, SWITCHED)
    assert all(one["equal"] for one in items)
    assert await outside(stack) == before
    assert before["letters"]
    assert before["objects"]
    extent.saw(f"{switched} views switched under load: {said}; then {len(items)} more, no effect")


async def test_f68_facts_whose_keys_are_destroyed_are_replayed(
    extent: Extent, stack: Stack
) -> None:
    """The rebuilt row says erased, the same each time, and nothing needs a key."""
    people = People(stack)
    records = [
        await asyncio.to_thread(people.asks, f"f68-{one}@canary.example")
        for one in range(extent.of(3, 30))
    ]
    for record in records:
        await asyncio.to_thread(people.completed, people.erases(record))
    first, second = await rebuilt(people, VERIFIED), await rebuilt(people, SWITCHED)
    assert all(one["equal"] for one in (*first, *second))
    digests = [[one["digest_rebuilt"] for one in some] for some in (first, second)]
    assert digests[0] == digests[1]
    for record in records:
        assert not await asyncio.to_thread(people.reads, record)
    extent.saw(f"{len(records)} erased records in {len(first)} views: equal twice, unreadable")
