"""Writes destroyed keys into the journal, and lets the keyring know how far it goes."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from libs.events.clock import Clock
from libs.events.group_commit import GroupCommit
from libs.keyring.gate import check_gate
from libs.keyring.journal import Erased, Journal
from libs.keyring.journal_mark import JournalMark


class Journaling(Protocol):
    """Keeps what was destroyed outside the databases."""

    async def catch_up(self) -> None:
        """The keyring knows how far the journal goes, also after a crash.

        Raises: GateShut, KeyringUnavailable.
        """
        ...

    async def note(self, *erased: Erased) -> None:
        """The facts stand in the journal, safely, once this returns; again changes nothing.

        Raises: OSError, JournalBroken, GateShut, KeyringUnavailable: try again, nothing was lost.
        """
        ...


class FileJournaling:
    """The journal in a file, and its mark in the keyring."""

    def __init__(self, journal: Journal, mark: JournalMark, clock: Clock) -> None:
        """Write to `journal`, move `mark`, date lines by `clock`."""
        self._journal = journal
        self._mark = mark
        self._clock = clock
        self._turn = asyncio.Lock()
        self._noted = GroupCommit(self._write, flushers_max=1)

    async def catch_up(self) -> None:
        """Move the mark to the end of the journal, when every line up to there is done."""
        async with self._turn:
            await self._mark.move(await check_gate(self._mark, self._journal.path))

    async def note(self, *erased: Erased) -> None:
        """Write the lines that are new; who notes at the same time shares the disk's wait."""
        await self._noted.keep(erased)

    async def _write(self, noted: Sequence[tuple[Erased, ...]]) -> Sequence[None]:
        """Write the lines that are new, together, then move the mark.

        Why: the mark may not pass a line whose keys still stand here; where it lies further behind
        than the lines written now, those in between are looked at first.
        """
        lines = [one for erased in noted for one in erased]
        async with self._turn:
            before = await self._mark.read()
            head, written = await asyncio.to_thread(
                self._journal.append_all, lines, written_at=self._clock.now()
            )
            if head.entries > before.entries + written:
                head = await check_gate(self._mark, self._journal.path)
            await self._mark.move(head)
        return [None] * len(noted)
