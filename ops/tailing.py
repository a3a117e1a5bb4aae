"""The logs as they grow: every fact once, in order per record, none skipped."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from libs.events.database import Pool
from libs.events.log import Checkpoint
from libs.events.postgres_log import PostgresLog
from libs.events.values import Owner
from ops.log_readers import QUERIES
from ops.shown_facts import ShownFact, shown_recorded

REMEMBERED_FACTS = 20_000
POLL_SECONDS = 0.5


class Tail:
    """Follows several logs by their settled transactions, so that a late commit is seen too."""

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        """Follow the logs in these databases."""
        self._pools = pools
        self._logs = {name: PostgresLog(pool, Owner(name)) for name, pool in pools.items()}
        self._checkpoints = dict.fromkeys(pools, Checkpoint())
        self._seen: OrderedDict[UUID, None] = OrderedDict()

    async def begin_now(self) -> None:
        """Leave out what was settled before this moment."""
        for name, pool in self._pools.items():
            oldest = int(await pool.fetchval(QUERIES["oldest_open_transaction"]))
            self._checkpoints[name] = Checkpoint(transaction=oldest)

    async def follow(self) -> AsyncIterator[ShownFact]:
        """Every fact from here on, for ever."""
        while True:
            facts = await self.read_once()
            for fact in facts:
                yield fact
            if not facts:
                await asyncio.sleep(POLL_SECONDS)

    async def read_once(self) -> list[ShownFact]:
        """What the logs hold beyond the last reading; those of one moment by their time."""
        facts: list[ShownFact] = []
        for name, log in self._logs.items():
            stretch = await log.read_onward(self._checkpoints[name])
            self._checkpoints[name] = stretch.checkpoint
            fresh = (fact for fact in stretch.recorded if self._is_new(fact.event_id))
            facts += [shown_recorded(fact) for fact in fresh]
        return sorted(facts, key=lambda fact: fact.recorded_at)

    def _is_new(self, event_id: UUID) -> bool:
        # A fact may come twice, when a later one of its record had to come with it.
        if event_id in self._seen:
            return False
        self._seen[event_id] = None
        if len(self._seen) > REMEMBERED_FACTS:
            self._seen.popitem(last=False)
        return True
