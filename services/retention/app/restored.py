"""After a restore: erasures that the journal tells and the restored log does not, once more.

Their keys are destroyed already, by the journal's word. The owners have their boxes and objects
back, though, and have forgotten that they scrubbed them; so each erasure goes its way again, under
its own id, to a certificate of its own.
Source: D8, D9.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

from libs.events.handle import Desk
from libs.events.log import EventLog
from libs.keyring.journal import Line, read_journal
from services.retention.app.ports import KnownFacts
from services.retention.domain.erasure import ERASURE, RESTORED, BeginErasure

LINES_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Restored:
    """Takes up what the journal tells."""

    path: Path
    facts: KnownFacts
    log: EventLog
    desk: Desk

    async def take_up(self) -> int:
        """Begins every erasure of which the log lacks a fact; says how many were begun.

        Shape: an erasure that the log has begun already goes on by itself; run again, none begins.
        """
        return await self.begin_again(await self._missing())

    async def begin_again(self, missing: Mapping[UUID, Sequence[UUID]]) -> int:
        """Begins these erasures of these records, each once; says how many were begun."""
        begun = 0
        for erasure, records in missing.items():
            command = BeginErasure(cause=RESTORED, records=tuple(records))
            begun += bool(await self.desk.handle(erasure, command, ERASURE))
        return begun

    async def _missing(self) -> Mapping[UUID, Sequence[UUID]]:
        """The erasures of which the log lacks a fact, with the records."""
        missing: dict[UUID, list[UUID]] = defaultdict(list)
        lines = read_journal(self.path)
        while some := await asyncio.to_thread(_take, lines):
            known = await self.facts.known([line.entry.event for line in some])
            for line in some:
                if line.entry.event not in known:
                    missing[line.entry.erasure].append(line.entry.record)
        return missing


def _take(lines: Iterator[Line]) -> list[Line]:
    return list(islice(lines, LINES_AT_ONCE))
