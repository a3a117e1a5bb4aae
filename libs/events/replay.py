"""Rebuild a view from Kafka beside the live one, compare, and switch: no effect, no event."""

import asyncio
from collections.abc import AsyncGenerator
from itertools import count
from typing import Any

import structlog

from libs.events.catalogue import topic_of
from libs.events.errors import NotFound
from libs.events.postgres_log import PostgresLog, database_errors
from libs.events.postgres_rows import QUERIES
from libs.events.replay_folding import fold_stretch
from libs.events.replay_run import Run
from libs.events.replay_shadow import Shadow
from libs.events.replay_topic import Spoken, open_stretch
from libs.events.replay_wanted import ReplayProgress, ReplayRefused, Scope, Wanted
from libs.events.view import View

LOG = structlog.get_logger("replay")
TELL_EVERY_SECONDS = 1.0
CATCH_UP_ROUNDS = 3
DRAIN_TRIES = 300


class Replay:
    """Rebuilds the views of one service; one rebuild at a time."""

    def __init__(self, log: PostgresLog, servers: str, *, topic: str | None = None) -> None:
        """Rebuild the views of `log` from its owner's topic."""
        self._log = log
        self._spoken = Spoken(servers, topic or topic_of(log.owner), log.owner)
        self._views = {view.name: view for view in log.views}
        self._numbers = count(1)
        self._current: Run | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The views that can be rebuilt."""
        return tuple(self._views)

    def now(self) -> ReplayProgress | None:
        """How far the rebuild under way has come; none when there is none."""
        return self._current.progress() if self._current else None

    def pause(self, run_id: str) -> ReplayProgress:
        """Hold the rebuild before its next batch; the live view goes on.

        Raises: NotFound.
        """
        return self._touch(run_id, "pause")

    def resume(self, run_id: str) -> ReplayProgress:
        """Let a paused rebuild go on.

        Raises: NotFound.
        """
        return self._touch(run_id, "resume")

    def cancel(self, run_id: str) -> ReplayProgress:
        """End the rebuild before its next batch; the live view stays as it is.

        Raises: NotFound.
        """
        return self._touch(run_id, "cancel")

    def _touch(self, run_id: str, act: str) -> ReplayProgress:
        run = self._current
        if run is None or run.id != run_id:
            message = f"there is no rebuild {run_id} under way"
            raise NotFound(message)
        getattr(run.hand, act)()
        run.changed.set()
        return run.progress()

    async def run(self, wanted: Wanted) -> AsyncGenerator[ReplayProgress, None]:
        """Rebuild a view; gives progress at least each second, and the findings at its end.

        Raises: NotFound, when there is no such view; ReplayRefused, when the scope is wrong,
        another rebuild is under way, or the topic cannot be read whole.
        """
        run = await self._begin(wanted)
        task = run.task = asyncio.create_task(self._carry_out(run), name=run.id)
        task.add_done_callback(_tell_end)
        try:
            while not task.done():
                yield run.progress()
                await _changed(run, task)
            await task
            yield run.progress()
        finally:
            # Nobody listens any more, so nothing may be switched unseen.
            run.hand.cancel()

    async def _begin(self, wanted: Wanted) -> Run:
        if wanted.view not in self._views:
            message = f"there is no view {wanted.view}; there are {', '.join(self._views)}"
            raise NotFound(message)
        wanted.scope.check(wanted.mode)
        await self._check_against_log(wanted.scope)
        if not wanted.scope.is_whole:
            async with open_stretch(self._spoken, wanted.scope):
                pass  # it opens, so the scope lies on the topic
        if self._current is not None:
            message = f"another rebuild is under way in this service: {self._current.id}"
            raise ReplayRefused(message)
        self._current = Run(f"{wanted.view}-{next(self._numbers)}", wanted)
        return self._current

    async def _check_against_log(self, scope: Scope) -> None:
        with database_errors():
            knows = QUERIES["knows_record"]
            if scope.record and not await self._log.pool.fetchval(knows, scope.record):
                message = f"this service never said anything about record {scope.record}"
                raise ReplayRefused(message)
            newest = scope.since and await self._log.pool.fetchval(QUERIES["newest_fact"])
        if scope.since and (newest is None or scope.since > newest):
            message = f"the span of time begins after the last fact ({newest})"
            raise ReplayRefused(message)

    async def _carry_out(self, run: Run) -> None:
        view = self._views[run.wanted.view]
        try:
            if run.wanted.mode == "dry-run":
                await self._count(run, view)
            else:
                await self._rebuild(run, view)
        finally:
            self._current = None
            run.changed.set()

    async def _count(self, run: Run, view: View[Any]) -> None:
        scope = run.wanted.scope
        async with open_stretch(self._spoken, scope) as stretch:
            run.begin(stretch.total)
            async for readings in stretch.batches(run.hand):
                run.add(len(readings), run.seen.fresh_within(readings, scope), view)
        run.enter("done")

    async def _rebuild(self, run: Run, view: View[Any]) -> None:
        shadow = Shadow(self._log, view)
        with database_errors():
            settled = await _settled(shadow)
            async with shadow.made():
                async with open_stretch(self._spoken, Scope()) as stretch:
                    await fold_stretch(run, view, shadow, stretch)
                run.enter("catching up")
                settled = await _catch_up(run, shadow, settled)
                is_switch = run.wanted.mode == "switch"
                found = await shadow.finish(settled, run.seen.later, switch=is_switch)
        run.enter("done", found)


async def _settled(shadow: Shadow) -> str:
    """A transaction before which everything is committed and acknowledged by Kafka."""
    settled = await shadow.settled()
    for _ in range(DRAIN_TRIES):
        if not await shadow.count_unsent_before(settled):
            return settled
        await asyncio.sleep(0.1)
    message = "the outbox does not drain; is Kafka up? Nothing was rebuilt"
    raise ReplayRefused(message)


async def _catch_up(run: Run, shadow: Shadow, settled: str) -> str:
    """Fold what was said meanwhile, until little is left to fold while writers are kept out."""
    for _ in range(CATCH_UP_ROUNDS):
        await run.hand.go_on(0)
        later = await shadow.settled()
        await shadow.fold(run.seen.later(await shadow.since(settled)))
        settled = later
    await run.hand.go_on(0)
    return settled


def _tell_end(task: "asyncio.Task[None]") -> None:
    """Whoever listens is told by the steps; the log is told in any case."""
    error = None if task.cancelled() else task.exception()
    outcome = type(error).__name__ if error else "done"
    LOG.info("replay_ended", view=task.get_name(), state=outcome)


async def _changed(run: Run, task: "asyncio.Task[None]") -> None:
    """Wait until there is something to tell, or for a second."""
    waiting = asyncio.create_task(run.changed.wait())
    await asyncio.wait(
        [waiting, task], timeout=TELL_EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED
    )
    waiting.cancel()
    run.changed.clear()
