"""Effects that a fact owes to the outside: tried until they succeed, never in a rebuild."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from opentelemetry.trace import SpanKind

from libs.events.errors import FluxError, Unavailable
from libs.events.group_commit import GroupCommit
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.postgres_rows import QUERIES, to_recorded
from libs.events.recorded import Recorded
from libs.events.telemetry import EFFECTS_FAILED, continued_span

LOG = structlog.get_logger("effects")
CarryOut = Callable[[Recorded], Awaitable[None]]
LEASE_SECONDS = 60.0
BACKOFF_SECONDS_MAX = 300.0
RECORDS_AT_ONCE = 24
"""What waits together for a commit shares it; more would only wait for connections."""


class EffectsWorker:
    """Carries out what facts owe to the outside, at least once each.

    Why: a worker that dies leaves its lease; another takes the effect up, so each must be
    idempotent.
    """

    def __init__(
        self,
        log: PostgresLog,
        effects: Mapping[str, CarryOut],
        *,
        poll_seconds: float = 0.5,
        batch_effects: int = 200,
    ) -> None:
        """Carry out, by name, the effects that the facts of `log` owe."""
        self._log = log
        self._effects = dict(effects)
        self._poll_seconds = poll_seconds
        self._batch_effects = batch_effects
        self._carried_out = GroupCommit(self._forget, flushers_max=1)

    async def run(self) -> None:
        """Work for ever; wait while the database is away."""
        while True:
            try:
                busy = await self.work_once()
            except Unavailable as error:
                LOG.warning("effects_wait", reason=str(error))
                busy = 0
            if not busy:
                await asyncio.sleep(self._poll_seconds)

    async def work_once(self) -> int:
        """Carry out one batch; gives how many effects were claimed."""
        lease_ends = asyncio.get_running_loop().time() + LEASE_SECONDS
        with database_errors():
            claimed = await self._log.pool.fetch(
                QUERIES["claim_effects"], self._batch_effects, LEASE_SECONDS
            )
            positions = [row["position"] for row in claimed]
            rows = (
                await self._log.pool.fetch(QUERIES["load_positions"], positions) if claimed else []
            )
        facts = {row["position"]: to_recorded(row, self._log.owner) for row in rows}
        owed: defaultdict[UUID, list[Any]] = defaultdict(list)
        for row in sorted(claimed, key=lambda one: int(one["position"])):
            owed[facts[row["position"]].record].append(row)
        await self._side_by_side(facts, list(owed.values()), lease_ends)
        return len(claimed)

    async def _side_by_side(
        self, facts: Mapping[int, Recorded], owed: list[list[Any]], lease_ends: float
    ) -> None:
        """What each record owes, in order; a few records at once.

        Why: an effect mostly waits for somebody outside; one after another they would fall behind
             what the doors take in. What has waited here for longer than its lease is another's to
             take up: begun now, it would be done by two.
        """
        turns, clock = asyncio.Semaphore(RECORDS_AT_ONCE), asyncio.get_running_loop().time

        async def carry_out(rows: list[Any]) -> None:
            async with turns:
                for row in rows:
                    if clock() >= lease_ends:
                        return
                    await self._carry_out(facts[row["position"]], row)

        ended = await asyncio.gather(*map(carry_out, owed), return_exceptions=True)
        for trouble in ended:
            if trouble is not None:
                raise trouble

    async def _carry_out(self, fact: Recorded, row: Any) -> None:
        name = row["effect"]
        with continued_span(f"effect {name}", fact.traceparent, SpanKind.INTERNAL):
            try:
                await self._effects[name](fact)
            except Exception as error:  # noqa: BLE001 - tried again later, counted and logged
                await self._postpone(fact, row, error)
                return
        await self._carried_out.keep((row["position"], name))

    async def _forget(self, owed: Sequence[tuple[int, str]]) -> Sequence[None]:
        positions, names = [position for position, _ in owed], [name for _, name in owed]
        with database_errors():
            await self._log.pool.execute(QUERIES["delete_effects"], positions, names)
        return [None] * len(owed)

    async def _postpone(self, fact: Recorded, row: Any, error: Exception) -> None:
        name, attempts = row["effect"], row["attempts"]
        EFFECTS_FAILED.labels(name).inc()
        wait = min(BACKOFF_SECONDS_MAX, 0.5 * 2 ** min(attempts, 12))
        log = LOG.warning if isinstance(error, FluxError | OSError) else LOG.exception
        log(
            "effect_failed",
            effect=name,
            record=str(fact.record),
            attempts=attempts,
            reason=type(error).__name__,
            again_seconds=wait,
        )
        with database_errors():
            await self._log.pool.execute(
                QUERIES["postpone_effect"], row["position"], name, wait, type(error).__name__
            )
