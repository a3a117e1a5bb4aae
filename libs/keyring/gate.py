"""The gate: a state opens only when its keyring has done all that the erasure journal says.

A database restored from a backup brings destroyed keys back; the journal, which is never restored
to an earlier state, tells which. Whoever opens personal data asks here first.
Source: D8; P28; reliability F70.
"""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from libs.events.errors import Unavailable
from libs.keyring.journal import (
    NOTHING,
    Entry,
    Head,
    JournalBroken,
    Line,
    find_head,
    read_journal,
)
from libs.keyring.journal_mark import JournalMark

LINES_AT_ONCE = 500


class GateShut(Unavailable):
    """The keyring and the journal do not agree: nothing personal is opened until they do."""


class JournalBehind(GateShut):
    """The journal ends before what the keyring has seen of it, or is another one."""

    def __init__(self, mark: Head, head: Head) -> None:
        """Name both ends."""
        super().__init__(
            f"the erasure journal ends at line {head.entries}, and the keyring has seen line "
            f"{mark.entries}: it was cut, lost or replaced; nothing is opened. Bring back the "
            "newest copy of journal/erasures.jsonl (each backup holds one), then it goes on"
        )


class KeyringBehind(GateShut):
    """The keyring was restored: it has not destroyed what the journal says was destroyed."""

    def __init__(self, unfenced: int) -> None:
        """Say how many lines are open."""
        super().__init__(
            f"the keyring is older than the erasure journal: {unfenced} erasures in it are not "
            "done here; nothing is opened. Run: flux3d journal replay"
        )


async def check_gate(mark: JournalMark, path: Path) -> Head:
    """Where the journal ends, when the keyring has done all that it says.

    Shape:  when the keyring has seen its last line, only that line is read.
    Raises: GateShut; KeyringUnavailable.
    """
    seen = await mark.read()
    try:
        head = await asyncio.to_thread(find_head, path)
        if head != seen:
            unfenced, head = await _count_open(mark, path, seen)
            if unfenced:
                raise KeyringBehind(unfenced)
    except JournalBroken as broken:
        raise GateShut(str(broken)) from broken
    return head


async def replay_journal(mark: JournalMark, path: Path) -> int:
    """Destroys in a restored keyring what the journal says; gives how many lines it did.

    Shape:  only what lies behind the keyring's mark; run again, it goes on where it stopped.
    Raises: GateShut, when the journal cannot be believed; KeyringUnavailable.
    """
    seen = await mark.read()
    done = 0
    try:
        for lines in _behind(path, seen):
            for line in lines:
                await mark.destroy_again(line.entry)
            await mark.move(lines[-1].head)
            done += len(lines)
    except JournalBroken as broken:
        raise GateShut(str(broken)) from broken
    return done


async def _count_open(mark: JournalMark, path: Path, seen: Head) -> tuple[int, Head]:
    unfenced, head = 0, seen
    for lines in _behind(path, seen):
        unfenced += await mark.count_unfenced(_entries(lines))
        head = lines[-1].head
    return unfenced, head


def _behind(path: Path, seen: Head) -> Iterator[list[Line]]:
    """The lines behind a head, many at a time.

    Raises: JournalBehind, when the journal does not have that head.
    """
    lines, head = read_journal(path), NOTHING
    while head.entries < seen.entries:
        line = next(lines, None)
        if line is None:
            raise JournalBehind(seen, head)
        head = line.head
    if head != seen:
        raise JournalBehind(seen, head)
    while some := list(islice(lines, LINES_AT_ONCE)):
        yield some


def _entries(lines: Sequence[Line]) -> list[Entry]:
    return [line.entry for line in lines]
