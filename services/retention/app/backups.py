"""Backups end with their term: a sweep of its own over the folder of backups.

Source: clause 5.1.backups; policy `terms.backups`.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from libs.backups.kept import end_overdue, list_backups, list_ended, list_overdue
from libs.events.clock import Clock
from services.retention.app.sweep import Sweep

LOG = structlog.get_logger("backups")


@dataclass(frozen=True, kw_only=True)
class BackupsSeen:
    """What lies in the folder: how many are kept, how many ended, and which should have."""

    kept: int
    ended: int
    overdue: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Backups:
    """Looks after the folder of backups, where this machine has one."""

    folder: Path
    term: timedelta
    clock: Clock

    async def end_overdue(self, sweep: Sweep) -> None:
        """Removes the backups whose term is over; each is written down when it is gone.

        Why: a backup that a wrong clock ended is gone for good, so none goes while a jump of the
        clock waits for an operator, as nothing is called due then.
        """
        if (await sweep.look()).is_stopped:
            return
        now = self.clock.now()
        ended = await asyncio.to_thread(end_overdue, self.folder, now=now, term=self.term)
        if ended:
            LOG.info("backups_ended", count=len(ended))

    async def look(self, tolerance: timedelta) -> BackupsSeen:
        """What there is, and what should have gone longer ago than the tolerance."""
        return await asyncio.to_thread(self._look, tolerance)

    def _look(self, tolerance: timedelta) -> BackupsSeen:
        before = self.clock.now() - tolerance
        overdue = list_overdue(self.folder, now=before, term=self.term)
        return BackupsSeen(
            kept=len(list_backups(self.folder)),
            ended=len(list_ended(self.folder)),
            overdue=tuple(one.name for one in overdue),
        )
