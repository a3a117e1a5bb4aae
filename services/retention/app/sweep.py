"""The sweep: what fell due since last time is called due, so many at a time, never after a jump.

It is the only clock: what a hold keeps is called due at the hold's end too, which ends no hold. Who
placed the hold hears of it and releases it, and a later sweep takes what was held.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from libs.events.clock import Clock
from libs.events.database import Connection, Pool
from libs.events.event import Event
from libs.events.handle import Stamp
from libs.events.log import Append, next_version
from libs.events.recorded import Recorded
from libs.events.values import Category
from services.retention.app.ports import BatchLog, DueClaims, SweepMemory
from services.retention.domain.clock import CLOCK, RunOut
from services.retention.domain.refusals import SweepStopped

LOG = structlog.get_logger("sweep")


@dataclass(frozen=True, kw_only=True)
class SweepLimits:
    """How far one sweep may go.

    Source: D10; policy `sweep`.
    """

    clock_jump: timedelta
    records_per_run: int
    records_per_batch: int = 500


@dataclass(frozen=True, kw_only=True)
class SweepView:
    """Where the sweep stands, as an operator sees it."""

    now: datetime
    last_swept_at: datetime | None
    is_stopped: bool
    jump: timedelta
    jump_cap: timedelta
    confirmed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Calls due what is due; the erasures follow from that by themselves."""

    pool: Pool
    log: BatchLog
    stamp: Stamp
    clock: Clock
    claims: DueClaims
    memory: SweepMemory
    limits: SweepLimits

    async def look(self) -> SweepView:
        """Where the sweep stands now."""
        state, now = await self.memory.read(), self.clock.now()
        return SweepView(
            now=now,
            last_swept_at=state.last_swept_at,
            is_stopped=state.is_stopped(now, self.limits.clock_jump),
            jump=max(state.jump(now), timedelta()),
            jump_cap=self.limits.clock_jump,
            confirmed_at=state.confirmed_at,
        )

    async def confirm(self) -> SweepView:
        """An operator trusts the clock as it stands now: the sweep goes on."""
        await self.memory.note_confirmation(self.clock.now())
        return await self.look()

    async def run(self) -> int:
        """Calls due every term and hold that ended, up to the limit of a run; says how many.

        Raises: SweepStopped, when the clock jumped: nothing was called due.
        """
        now = self.clock.now()
        await self._refuse_after_jump(now)
        called, size = 0, self.limits.records_per_batch
        while called < self.limits.records_per_run:
            claimed, moved = await self._run_batch(now, size)
            called += moved
            if claimed < size or not moved:
                break
        await self.memory.note_sweep(now)
        return called

    async def run_by_timer(self) -> None:
        """One run; a stopped sweep waits for an operator and says so."""
        try:
            called = await self.run()
        except SweepStopped as stopped:
            LOG.warning("sweep_stopped", reason=str(stopped))
            return
        if called:
            LOG.info("swept", records=called)

    async def _refuse_after_jump(self, now: datetime) -> None:
        state = await self.memory.read()
        if not state.is_stopped(now, self.limits.clock_jump):
            return
        await self.memory.note_stop(now)
        message = (
            f"the clock moved {state.jump(now).days} days since the last sweep, more than the "
            f"{self.limits.clock_jump.days} the policy allows: nothing was called due; "
            "look at the clock, then confirm the sweep"
        )
        raise SweepStopped(message)

    async def _run_batch(self, now: datetime, size: int) -> tuple[int, int]:
        """How many terms were claimed and how many called due, in one transaction."""
        async with self.pool.acquire() as connection, connection.transaction():
            claimed = await self.claims.claim_due(connection, now, size)
            appends = await self._decide(connection, claimed, now)
            if appends:
                await self.log.write(connection, appends)
        if appends:
            self.log.appended.set()
        return len(claimed), sum(len(append.recorded) for append in appends)

    async def _decide(
        self, connection: Connection, claimed: list[tuple[UUID, str]], now: datetime
    ) -> list[Append]:
        due: dict[UUID, list[Category]] = {}
        for record, category in claimed:
            due.setdefault(record, []).append(Category(category))
        histories = await self.log.load_many(connection, list(due)) if due else {}
        appends = [
            self._append(record, histories.get(record, []), _run_out(categories, now))
            for record, categories in due.items()
        ]
        return [append for append in appends if append.recorded]

    def _append(self, record: UUID, history: list[Recorded], commands: Iterable[RunOut]) -> Append:
        state = CLOCK.fold(one.event for one in history)
        events: list[Event] = []
        for command in commands:
            decided = CLOCK.decide(command, state)
            state = CLOCK.fold(decided, state)
            events.extend(decided)
        recorded = self.stamp.record(record, history, events)
        return Append(record=record, expected_version=next_version(history), recorded=recorded)


def _run_out(categories: list[Category], now: datetime) -> list[RunOut]:
    return [RunOut(category=category, at=now) for category in categories]
