"""How keys are found of which nothing came: all of them, in bounded runs, and never twice."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from libs.events.clock import FixedClock
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import an_append
from libs.events.testing.memory_log import MemoryLog
from libs.keyring import unused_keys
from libs.keyring.testing.memory_keyring import MemoryKeyring
from libs.keyring.unused_keys import UNUSED_AFTER, UnusedKeys

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def id_of(at: datetime) -> UUID:
    """An id as it is made at that moment."""
    return UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))


class Kept:
    """A keyring, a log, and who was abandoned."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.keyring, self.log = MemoryKeyring().as_role("quotes"), MemoryLog()
        self.abandoned: list[UUID] = []

    async def key(self, *, at: datetime) -> UUID:
        """A record of which only the key was made."""
        record = id_of(at)
        await self.keyring.make_keys(
            record, kind="quote", categories=["quote"], subject=b"p", at=at
        )
        return record

    def looking(self, at: datetime) -> UnusedKeys:
        """Who looks, in a process that starts at this moment."""
        return UnusedKeys(self.keyring, self.log, FixedClock(at), abandon=self._abandon)

    async def _abandon(self, record: UUID) -> Sequence[Recorded]:
        append = an_append(record=record)
        self.abandoned.append(record)
        return await self.log.append(append)


async def test_old_key_without_a_fact_is_let_go_once() -> None:
    """Young keys and those of which something came are left alone."""
    kept = Kept()
    old = await kept.key(at=NOON - UNUSED_AFTER - MINUTE)
    await kept.key(at=NOON - UNUSED_AFTER + MINUTE)
    used = await kept.key(at=NOON - timedelta(days=3))
    await kept.log.append(an_append(record=used))
    looking = kept.looking(NOON)
    await looking.let_go()
    await looking.let_go()
    assert kept.abandoned == [old]


async def test_key_that_was_young_is_found_by_the_next_run() -> None:
    """A run goes on where the last one ended, and looks a little further back."""
    kept, clock = Kept(), FixedClock(NOON)
    await kept.key(at=NOON - timedelta(days=1))
    young = await kept.key(at=NOON - MINUTE)
    looking = UnusedKeys(kept.keyring, kept.log, clock, abandon=kept._abandon)
    await looking.let_go()
    clock.advance(UNUSED_AFTER)
    await looking.let_go()
    assert kept.abandoned[-1] == young


async def test_run_is_bounded_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many keys at once are let go in several runs, each of them once."""
    monkeypatch.setattr(unused_keys, "PAGE_RECORDS", 2)
    monkeypatch.setattr(unused_keys, "ABANDONED_PER_RUN", 3)
    kept = Kept()
    old = [await kept.key(at=NOON - timedelta(days=9) + MINUTE * at) for at in range(7)]
    looking = kept.looking(NOON)
    await looking.let_go()
    first = len(kept.abandoned)
    await looking.let_go()
    assert (first, kept.abandoned) == (4, old)


async def test_started_again_everything_is_looked_at() -> None:
    """What a process left behind long ago is found by the one that starts after it."""
    kept = Kept()
    await kept.looking(NOON).let_go()
    late = await kept.key(at=NOON - timedelta(days=900))
    await kept.looking(NOON).let_go()
    assert kept.abandoned == [late]
