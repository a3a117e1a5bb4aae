"""F02 in a rebuild: killed at any call, the view is the old one or the new one, and never half."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from libs.events.log import Append
from libs.events.postgres_log import PostgresLog
from libs.events.values import Owner
from services.quotes.main import DECLARED
from tests.faults.every_step.bus import OnTopic, relay
from tests.faults.every_step.children import Nursery
from tests.faults.every_step.conftest import SweepThrough
from tests.faults.every_step.orders import Order
from tests.faults.every_step.parts import QUERIES, Parts, Sight
from tests.faults.every_step.sweep import Flow
from tests.faults.every_step.switching import VIEW, switch
from tests.faults.every_step.test_bus import REQUESTED, SECRETS, STAMP

MakeTopic = Callable[[int], Awaitable[str]]
QUOTES = 6


@dataclass
class Views:
    """A view that is damaged before each rebuild, as it was and as it is to be."""

    sight: Sight
    pool: asyncpg.Pool
    whole: object = None
    damaged: object = None

    async def prepare(self, count: int) -> Sequence[int]:
        """So many rebuilds."""
        return range(count)

    async def begin(self, _: int) -> None:
        """Lose a row, as the service itself could."""
        self.whole = self.whole or await self._digest()
        await self.pool.execute(QUERIES["lose_a_quote"])
        self.damaged = await self._digest()
        assert self.damaged != self.whole

    async def look(self, _: int) -> None:
        """It is one of the two."""
        assert await self._digest() in (self.damaged, self.whole)

    async def check(self, _: int) -> None:
        """It is the new one, and nothing of the rebuild is left."""
        assert await self._digest() == self.whole
        assert await self.sight.rows("quotes", "list_shadows") == []

    async def _digest(self) -> object:
        return await self.sight.rows("quotes", "digest_live", VIEW)


async def _make_quotes(ground: OnTopic, nursery: Nursery, folder: Path) -> None:
    """Some quotes in the log, in the view and on the topic."""
    async with asyncpg.create_pool(ground.parts.databases["quotes"].url(), min_size=0) as pool:
        log = PostgresLog(pool, Owner.QUOTES, views=DECLARED.views)
        for _ in range(QUOTES):
            record = uuid4()
            facts = STAMP.record(record, [], [REQUESTED], secrets=SECRETS)
            await log.append(Append(record=record, expected_version=0, recorded=facts))
    sending = Order(
        run=relay,
        ground=ground,
        work=None,
        trace=folder / "calls",
        said=folder / "said",
        last="delete_sent",
    )
    ended = await nursery.run(sending)
    assert ended.code == 0, ended.said


@pytest.mark.timeout(900)
async def test_f02_switch_killed_at_every_call(
    parts: Parts, sight: Sight, topic: MakeTopic, nursery: Nursery, sweep_through: SweepThrough
) -> None:
    """F02: whoever reads the view sees all of it at any time, and a second rebuild goes through."""
    ground = OnTopic(parts, await topic(1))
    await _make_quotes(ground, nursery, parts.home)
    async with asyncpg.create_pool(parts.databases["quotes"].url(), min_size=0) as pool:
        views = Views(sight, pool)
        flow = Flow(
            name="switch",
            run=switch,
            ground=ground,
            prepare=views.prepare,
            begin=views.begin,
            heal=views.look,
            check=views.check,
        )
        await sweep_through(flow, 8)
