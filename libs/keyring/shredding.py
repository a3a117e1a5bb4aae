"""The shred round: after it, no copy anywhere can give a destroyed key back.

    begun ─► opened ─► rewrapped ─► backed up ─► destroyed ─► told
      new epoch   living keys    a fresh, read   old epoch    since when,
      key, opened  under it       backup          keys gone    to the world

A data key whose row was deleted is still in heap, WAL, replicas and backups, wrapped under its
epoch key; the end of that epoch key is its end. Each step is noted in the round's row after it is
done and may be done again, so whoever runs next takes up a round that was killed anywhere.
Source: D8.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.events.clock import Clock
from libs.events.ids import Ids
from libs.keyring.backup import KeyringBackup
from libs.keyring.epoch_keys import EpochVault
from libs.keyring.keys import bound_to, fingerprint
from libs.keyring.making import unwrap_row
from libs.keyring.openings import WrappedKeyRejected
from libs.keyring.rounds import PostgresRounds, ShredRound, Step

BATCH_KEYS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecoverable:
    """What a round came to.

    Shape: `epoch` is the last one whose key was destroyed; every one before it is gone, too.
    """

    round: UUID
    epoch: int
    since: datetime
    erasures: tuple[UUID, ...]


Teller = Callable[[Unrecoverable], Awaitable[None]]
"""Says to the world what a round came to; said twice, it is known once."""


@dataclass(frozen=True, kw_only=True)
class Shredder:
    """Carries shred rounds out, step by step."""

    rounds: PostgresRounds
    epoch_keys: EpochVault
    backup: KeyringBackup
    tell: Teller
    clock: Clock
    ids: Ids
    batch_keys: int = BATCH_KEYS

    async def begin(self) -> ShredRound | None:
        """The round under way, or a new one; none when no destroyed key is recoverable."""
        return await self.rounds.begin(self.ids.new(), self.clock.now())

    async def run(self) -> ShredRound | None:
        """Takes the round under way, or a new one, to its end; none when there is nothing to do.

        Raises: RoundUnderWay, when another process is at it; KeyringUnavailable, BackupFailed: what
                is done stays done, the rest is for the next run; WrappedKeyRejected, when a living
                key does not open: no epoch key is destroyed before that is mended.
        """
        async with self.rounds.alone():
            one = await self.begin()
            while one is not None and one.state is not Step.TOLD:
                await self._steps()[one.state](one)
                one = (await self.rounds.status()).newest
            return one

    def _steps(self) -> Mapping[Step, Callable[[ShredRound], Awaitable[None]]]:
        return {
            Step.BEGUN: self._open,
            Step.OPENED: self._rewrap,
            Step.REWRAPPED: self._back_up,
            Step.BACKED_UP: self._destroy,
            Step.DESTROYED: self._tell,
        }

    async def _open(self, one: ShredRound) -> None:
        """The key first: from the moment an epoch is open, everyone wraps under it."""
        self.epoch_keys.create(one.epoch)
        await self.rounds.open_epoch(one.round, self.clock.now())

    async def _rewrap(self, one: ShredRound) -> None:
        while rows := await self.rounds.list_keys(one.round, self.batch_keys):
            await self.rounds.rewrap(one.round, self._wrapped_anew(rows, one.epoch))
        await self.rounds.note_rewrapped(one.round, self.clock.now())

    def _wrapped_anew(self, rows: Sequence[Mapping[str, Any]], epoch: int) -> list[tuple[Any, ...]]:
        return [self._wrap_anew(row, epoch) for row in rows]

    def _wrap_anew(self, row: Mapping[str, Any], epoch: int) -> tuple[Any, ...]:
        """The row as it is put back; what does not open as the key it was is not carried over."""
        key = unwrap_row(row, self.epoch_keys)
        if fingerprint(key) != row["fingerprint"]:
            raise WrappedKeyRejected(key.record, key.category)
        place = bound_to(key.record, key.category, revision=key.revision, epoch=epoch)
        wrapped = self.epoch_keys.wrap(epoch, key.secret, place)
        return (key.record, key.category, key.revision, row["epoch"], wrapped)

    async def _back_up(self, one: ShredRound) -> None:
        taken = await self.backup.take(one.epoch)
        await self.rounds.note_backup(one.round, taken.name, taken.digest, self.clock.now())

    async def _destroy(self, one: ShredRound) -> None:
        for epoch in await self.rounds.list_epochs_to_destroy(one.round):
            self.epoch_keys.destroy(epoch)
        await self.rounds.note_destroyed(one.round, self.clock.now())

    async def _tell(self, one: ShredRound) -> None:
        assert one.destroyed_at is not None  # noqa: S101 - the state says so
        erasures = await self.rounds.list_erasures(one.round)
        outcome = Unrecoverable(
            round=one.round, epoch=one.epoch - 1, since=one.destroyed_at, erasures=erasures
        )
        await self.tell(outcome)
        await self.rounds.note_told(one.round, self.clock.now())
