"""Shred rounds over a real keyring, with a fault that kills one at a counted call."""

import inspect
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from deploy.native.postgres_install import programs
from libs.events.clock import FixedClock
from libs.events.ids import RealIds
from libs.keyring.backup import DumpBackup, KeyringBackup
from libs.keyring.rounds import PostgresRounds
from libs.keyring.shredding import Shredder, Unrecoverable
from libs.keyring.testing.conformance import MUCH_LATER, make_quote, new_id
from tests.integration.libs.keyring.instances import Instances

When = Literal["before", "after"]


class Killed(BaseException):
    """What a kill looks like from inside: nothing catches it."""


@dataclass
class Faults:
    """Counts calls and kills at one of them, told by its number or by its name."""

    kill_at: int | str = 0
    when: When = "before"
    calls: int = 0

    def port(self, real: Any) -> Any:
        """The port, each call of it counted."""
        return _Counted(real, self)

    def meet(self, name: str, when: When) -> None:
        """One moment of a call."""
        self.calls += when == "before"
        if self.kill_at in (self.calls, name) and self.when == when:
            raise Killed


class _Counted:
    def __init__(self, real: Any, faults: Faults) -> None:
        self._real, self._faults = real, faults

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        return method if name == "alone" else _counted(method, self._faults)

    async def __call__(self, outcome: Unrecoverable) -> None:
        await _counted(self._real, self._faults)(outcome)


def _counted(method: Callable[..., Any], faults: Faults) -> Callable[..., Any]:
    @wraps(method)
    async def later(*values: Any) -> Any:
        faults.meet(method.__name__, "before")
        answer = await method(*values)
        faults.meet(method.__name__, "after")
        return answer

    @wraps(method)
    def at_once(*values: Any) -> Any:
        faults.meet(method.__name__, "before")
        answer = method(*values)
        faults.meet(method.__name__, "after")
        return answer

    return later if inspect.iscoroutinefunction(method) else at_once


@dataclass
class Shreds:
    """Everything a round needs, real; what it told is kept here."""

    instances: Instances
    backups: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(MUCH_LATER))
    told: list[Unrecoverable] = field(default_factory=list)

    async def tell(self, outcome: Unrecoverable) -> None:
        """Keep what was told."""
        self.told.append(outcome)

    def backup(self, bin_folder: Path | None = None) -> KeyringBackup:
        """A backup by pg_dump, as the role that may read the keyring."""
        url = self.instances.database.url("keyring_backup")
        return DumpBackup(url=url, programs=bin_folder or programs(), folder=self.backups)

    def shredder(self, faults: Faults | None = None, *, batch_keys: int = 2) -> Shredder:
        """A process that carries rounds out, and may be killed."""
        counted = (faults or Faults()).port
        tell: Callable[[Unrecoverable], Awaitable[None]] = counted(self.tell)
        return Shredder(
            rounds=counted(PostgresRounds(self.instances.pools["retention"])),
            epoch_keys=counted(self.instances.make_epoch_keys(self.instances.epoch_folder)),
            backup=counted(self.backup()),
            tell=tell,
            clock=self.clock,
            ids=RealIds(),
            batch_keys=batch_keys,
        )

    async def destroy(self, record: UUID) -> UUID:
        """Erase a record now; the erasure's id."""
        erasure = new_id()
        self.clock.advance(timedelta(minutes=1))
        await self.instances("retention").destroy(record, erasure=erasure, at=self.clock.now())
        self.clock.advance(timedelta(minutes=1))
        return erasure

    async def one_goes_of(self, count: int) -> tuple[UUID, list[UUID]]:
        """The erasure of one new record, and other new ones that live on."""
        records = [await make_quote(self.instances) for _ in range(count)]
        return await self.destroy(records[0]), records[1:]


def broken_programs(folder: Path) -> Path:
    """PostgreSQL's programs, with a pg_restore that loses the last row of a copy."""
    folder.mkdir()
    (folder / "pg_dump").symlink_to(programs() / "pg_dump")
    script = folder / "pg_restore"
    real = programs() / "pg_restore"
    script.write_text(f"#!/bin/sh\n'{real}' \"$@\" | grep -v quote\nexit 0\n")
    script.chmod(0o700)
    assert os.access(script, os.X_OK)
    return folder
