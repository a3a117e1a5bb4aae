"""When a shred round runs, and how what it came to becomes a fact."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from libs.events.clock import Clock
from libs.events.handle import Desk
from libs.keyring.rounds import RoundUnderWay, ShredRound, ShredStatus, Step
from libs.keyring.shredding import Unrecoverable
from services.retention.app.ports import RoundRunner, RoundsSeen
from services.retention.domain.shredding import SHREDDING, TellUnrecoverable

LOG = structlog.get_logger("shred")


@dataclass(frozen=True)
class Telling:
    """Says what a round came to."""

    desk: Desk

    async def tell(self, outcome: Unrecoverable) -> None:
        """One fact per round, however often it is told."""
        command = TellUnrecoverable(
            epoch=outcome.epoch, since=outcome.since, erasures=outcome.erasures
        )
        await self.desk.handle(outcome.round, command, SHREDDING)


@dataclass(frozen=True, kw_only=True)
class ShredView:
    """Where shredding stands, as an operator sees it.

    Shape: `due_at` is when the next round begins by itself; none while nothing is recoverable.
    """

    status: ShredStatus
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Shredding:
    """Runs a round when one is due, and takes up at once one that was begun."""

    rounds: RoundsSeen
    runner: RoundRunner
    clock: Clock
    every: timedelta

    async def look(self) -> ShredView:
        """Where it stands now."""
        status = await self.rounds.status()
        return ShredView(status=status, due_at=self._due_at(status))

    def _due_at(self, status: ShredStatus) -> datetime | None:
        if status.newest and status.newest.state is not Step.TOLD:
            return status.newest.begun_at
        if not status.recoverable or status.oldest_at is None:
            return None
        return (
            max(status.newest.begun_at + self.every, status.oldest_at)
            if status.newest
            else (status.oldest_at)
        )

    async def begin(self) -> ShredRound | None:
        """Begins a round now; the timer carries it on. None when nothing is recoverable."""
        return await self.runner.begin()

    async def run_by_timer(self) -> None:
        """A round when it is time for one, or the rest of one; what fails is tried again."""
        due_at = (await self.look()).due_at
        if due_at is None or due_at > self.clock.now():
            return
        try:
            one = await self.runner.run()
        except RoundUnderWay as busy:
            LOG.info("shred_elsewhere", reason=str(busy))
            return
        if one is not None:
            LOG.info("shredded", record=str(one.round), epoch=one.epoch, count=one.keys_rewrapped)
