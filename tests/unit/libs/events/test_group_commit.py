"""Concurrent appends share a commit, and each gets its own outcome."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from libs.events.errors import Conflict, Unavailable
from libs.events.group_commit import GroupCommit
from libs.events.log import Append
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import an_append

BAD = UUID(int=0xBAD)


class Database:
    """Commits groups when it is let, and refuses those with a bad append in them."""

    def __init__(self, error: Exception | None = None) -> None:
        """Refuse with `error`."""
        self.error = error or Conflict("someone was faster")
        self.groups: list[list[UUID]] = []
        self.open = asyncio.Event()
        self.under_way = 0
        self.under_way_max = 0

    async def commit(self, appends: Sequence[Append]) -> list[tuple[Recorded, ...]]:
        """All of the group, or none."""
        self.groups.append([append.record for append in appends])
        self.under_way += 1
        self.under_way_max = max(self.under_way, self.under_way_max)
        await self.open.wait()
        self.under_way -= 1
        if any(append.record == BAD for append in appends):
            raise self.error
        return [append.recorded for append in appends]


async def _others_run() -> None:
    """Let every task that can go on do so."""
    for _ in range(3):
        await asyncio.sleep(0)


async def _append_all(database: Database, appends: list[Append], **options: int) -> list[object]:
    group = GroupCommit(database.commit, **options)
    waiting = [asyncio.ensure_future(group.keep(append)) for append in appends]
    await _others_run()
    database.open.set()
    return list(await asyncio.gather(*waiting, return_exceptions=True))


async def test_who_comes_as_a_group_ends_is_not_forgotten() -> None:
    """An append made at the very moment at which the last flusher ends is committed, too."""
    database = Database()
    database.open.set()
    group = GroupCommit(database.commit, flushers_max=1)
    first, second = an_append(), an_append()

    async def one_after_the_other() -> list[tuple[Recorded, ...]]:
        return [await group.keep(first), await group.keep(second)]

    found = await asyncio.wait_for(one_after_the_other(), timeout=10)
    assert found == [first.recorded, second.recorded]


async def test_each_gets_what_was_written_for_it() -> None:
    """The outcome of a group is handed to each of its appends, not to another."""
    appends = [an_append() for _ in range(50)]
    found = await _append_all(Database(), appends)
    assert found == [append.recorded for append in appends]


async def test_those_who_wait_share_a_commit() -> None:
    """While one group is committed the others gather, so that many share few commits."""
    database = Database()
    await _append_all(database, [an_append() for _ in range(50)])
    assert len(database.groups) <= 3


async def test_a_bad_append_fails_alone() -> None:
    """One that is refused does not fail its neighbours; each of them is kept once."""
    database = Database()
    appends = [an_append(BAD if at == 7 else None) for at in range(20)]
    found = await _append_all(database, appends)
    assert [at for at, one in enumerate(found) if isinstance(one, Conflict)] == [7]
    assert found[:7] + found[8:] == [one.recorded for one in appends[:7] + appends[8:]]


async def test_an_absent_database_fails_all_at_once() -> None:
    """When nothing can be kept nobody is tried alone: each is told to wait and try again."""
    database = Database(Unavailable("away"))
    found = await _append_all(database, [an_append(BAD), *(an_append() for _ in range(9))])
    assert all(isinstance(one, Unavailable) for one in found)
    assert len(database.groups) <= 2


async def test_no_more_commits_at_once_than_allowed() -> None:
    """The database sees a bounded number of groups side by side, of a bounded size."""
    database = Database()
    await _append_all(database, [an_append() for _ in range(50)], flushers_max=2, group_max=4)
    assert database.under_way_max == 2
    assert max(map(len, database.groups)) == 4


async def test_a_caller_that_left_is_not_waited_for() -> None:
    """A request that was cut off before its group began is not kept, and fails nobody."""
    database = Database()
    group = GroupCommit(database.commit, flushers_max=1)
    first = asyncio.ensure_future(group.keep(an_append()))
    await _others_run()
    left, stayed = an_append(), an_append()
    leaving = asyncio.ensure_future(group.keep(left))
    staying = asyncio.ensure_future(group.keep(stayed))
    await _others_run()
    leaving.cancel()
    database.open.set()
    assert await staying == stayed.recorded
    assert await first
    assert left.record not in {record for records in database.groups for record in records}


async def test_a_caller_that_leaves_late_fails_nobody() -> None:
    """A request that is cut off while its group is committed leaves the others their outcome."""
    database = Database()
    group = GroupCommit(database.commit)
    leaving = asyncio.ensure_future(group.keep(an_append()))
    await _others_run()
    leaving.cancel()
    database.open.set()
    append = an_append()
    assert await group.keep(append) == append.recorded
    with pytest.raises(asyncio.CancelledError):
        await leaving
