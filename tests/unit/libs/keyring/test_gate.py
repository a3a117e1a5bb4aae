"""The gate opens only when a keyring has done all that the journal says."""

import asyncio
from pathlib import Path

import pytest

from libs.events.clock import FixedClock
from libs.keyring.gate import (
    GateShut,
    JournalBehind,
    KeyringBehind,
    check_gate,
    replay_journal,
)
from libs.keyring.journal import NOTHING, Head, Journal, read_journal
from libs.keyring.journaling import FileJournaling
from libs.keyring.testing.memory_journal import MemoryMark
from tests.unit.libs.keyring.journals import AT, fact, written


class Moves(MemoryMark):
    """A mark that counts how often it was moved."""

    moves = 0

    async def move(self, head: Head) -> None:
        """Move it, and count."""
        self.moves += 1
        await super().move(head)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal lies."""
    return tmp_path / "erasures.jsonl"


def keep_lines(path: Path, *numbers: int) -> None:
    """Leave only these lines of the journal."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[number - 1] for number in numbers))


def write_another(path: Path, *numbers: int) -> None:
    """Put a journal of these facts in the place of the one that is there."""
    path.unlink()
    journal = Journal(path)
    for number in numbers:
        journal.append(fact(number), written_at=AT)


async def seen(path: Path, entries: int) -> MemoryMark:
    """A keyring that has done the first lines of the journal."""
    mark = MemoryMark()
    for line in list(read_journal(path))[:entries]:
        await mark.destroy_again(line.entry)
        await mark.move(line.head)
    return mark


async def test_gate_opens_where_both_end_together(path: Path) -> None:
    """Nothing erased and everything erased are both fine."""
    assert await check_gate(MemoryMark(), path) == NOTHING
    heads = written(path, 3)
    assert await check_gate(await seen(path, 3), path) == heads[-1]


async def test_restored_keyring_is_refused_until_the_journal_was_replayed(path: Path) -> None:
    """What a backup brought back is destroyed again before anything opens."""
    written(path, 5)
    mark = await seen(path, 2)
    with pytest.raises(KeyringBehind, match=r"3 erasures .* flux3d journal replay"):
        await check_gate(mark, path)
    assert await replay_journal(mark, path) == 3
    assert (await check_gate(mark, path)).entries == 5
    assert await mark.count_unfenced([line.entry for line in read_journal(path)]) == 0
    assert await replay_journal(mark, path) == 0


async def test_replay_left_out_keeps_the_gate_shut(path: Path) -> None:
    """Even a mark that is moved by hand does not help a line that was not done."""
    written(path, 2)
    mark = await seen(path, 1)
    for _ in range(3):
        with pytest.raises(KeyringBehind):
            await check_gate(mark, path)


async def test_line_whose_mark_was_lost_in_a_crash_keeps_nobody_out(path: Path) -> None:
    """Destroyed, journaled, and then the process died: nothing is open."""
    written(path, 3)
    mark = await seen(path, 3)
    mark.head = (await seen(path, 2)).head
    assert (await check_gate(mark, path)).entries == 3


@pytest.mark.parametrize("left", [0, 1, 2])
async def test_journal_that_ends_early_is_refused(path: Path, left: int) -> None:
    """A journal restored to an earlier state would forget erasures."""
    written(path, 3)
    mark = await seen(path, 3)
    keep_lines(path, *range(1, left + 1))
    with pytest.raises(JournalBehind, match=f"ends at line {left}.*line 3.*newest copy"):
        await check_gate(mark, path)


async def test_another_journal_is_refused(path: Path) -> None:
    """A journal of the same length, or longer, with other lines is not this keyring's."""
    written(path, 2)
    mark = await seen(path, 2)
    write_another(path, 2, 3, 4)
    with pytest.raises(JournalBehind):
        await check_gate(mark, path)


async def test_broken_journal_is_refused(path: Path) -> None:
    """A line that does not follow the one before it shuts the gate."""
    written(path, 3)
    keep_lines(path, 1, 3)
    with pytest.raises(GateShut, match="line 2"):
        await check_gate(MemoryMark(), path)


async def test_notes_made_at_once_share_the_wait_for_the_disk(path: Path) -> None:
    """Whoever notes while another waits for the disk is written with the next, in one go."""
    mark = Moves()
    journaling = FileJournaling(Journal(path), mark, FixedClock(AT))
    await asyncio.gather(*(journaling.note(fact(number)) for number in range(1, 41)))
    assert sorted(one.entry.event for one in read_journal(path)) == sorted(
        fact(number).event for number in range(1, 41)
    )
    assert mark.moves <= 2
    assert mark.head.entries == 40


async def test_note_stands_in_the_journal_and_moves_the_mark(path: Path) -> None:
    """Once it returns the line is there, and the next start reads that one line only."""
    mark = MemoryMark()
    journaling = FileJournaling(Journal(path), mark, FixedClock(AT))
    for _ in range(2):
        await journaling.note(fact(1))
    assert [line.head for line in read_journal(path)] == [mark.head]


async def test_mark_does_not_pass_what_is_not_done(path: Path) -> None:
    """A fact noted in a state that was never replayed does not hide the lines before it."""
    written(path, 2)
    mark = MemoryMark()
    with pytest.raises(KeyringBehind):
        await FileJournaling(Journal(path), mark, FixedClock(AT)).note(fact(3))
    assert mark.head == NOTHING


async def test_lines_between_those_noted_together_are_looked_at(path: Path) -> None:
    """One fact of several stood there already, with another's behind it: that one is not passed."""
    seen, _ = written(path, 2)
    mark = MemoryMark()
    mark.head = seen
    with pytest.raises(KeyringBehind):
        await FileJournaling(Journal(path), mark, FixedClock(AT)).note(fact(1), fact(3))
    assert mark.head == seen


async def test_mark_that_lags_catches_up(path: Path) -> None:
    """Lines of another process in between are looked at, and then passed."""
    written(path, 2)
    mark = MemoryMark()
    mark.fenced = {(fact(number).record, "quote") for number in (1, 2, 3)}
    await FileJournaling(Journal(path), mark, FixedClock(AT)).note(fact(3))
    assert mark.head.entries == 3
