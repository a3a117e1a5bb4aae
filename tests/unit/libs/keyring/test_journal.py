"""The erasure journal: whole or refused, each fact once, also after a crash."""

import multiprocessing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.keyring.journal import (
    NOTHING,
    Head,
    Journal,
    JournalBroken,
    find_head,
    read_journal,
    verify_journal,
)
from tests.unit.libs.keyring.journals import AT, fact, written

FACTS = 6
OFTEN = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal may lie."""
    return tmp_path / "journal" / "erasures.jsonl"


@pytest.fixture
def whole(path: Path) -> tuple[list[bytes], Head]:
    """The lines of a whole journal, and its head."""
    heads = written(path, FACTS)
    return path.read_bytes().splitlines(keepends=True), heads[-1]


def test_journal_tells_what_was_written(path: Path) -> None:
    """Every fact comes back in its order, and the head is the same however it is asked for."""
    heads = written(path, 3)
    lines = list(read_journal(path))
    assert [line.head for line in lines] == heads
    assert [line.entry.record for line in lines] == [fact(number).record for number in (1, 2, 3)]
    assert heads[-1] == find_head(path) == verify_journal(path, *heads)


def test_no_journal_is_an_empty_one(path: Path) -> None:
    """Before the first erasure there is nothing to believe and nothing to miss."""
    assert NOTHING == find_head(path) == verify_journal(path)


def test_fact_is_written_once(path: Path) -> None:
    """The same fact again, from this process or a new one, leaves the file as it is."""
    written(path, 3)
    before = path.read_bytes()
    Journal(path).append(fact(2), written_at=AT)
    assert path.read_bytes() == before


def test_many_facts_are_as_many_lines(path: Path) -> None:
    """Written together they stand one behind the other, and what stood there is not repeated."""
    written(path, 2)
    facts = [fact(number) for number in (2, 3, 4)]
    head, lines = Journal(path).append_all(facts, written_at=AT)
    assert (head, lines) == (verify_journal(path), 2)
    assert [line.entry.event for line in read_journal(path)][2:] == [one.event for one in facts[1:]]


def test_two_writers_take_turns(path: Path) -> None:
    """Each goes on behind what the other wrote."""
    one, other = Journal(path), Journal(path)
    for number in range(1, 7):
        (one if number % 2 else other).append(fact(number), written_at=AT)
    assert verify_journal(path).entries == 6


def _write(path: Path, numbers: range) -> None:
    journal = Journal(path)
    for number in numbers:
        journal.append(fact(number), written_at=AT)


def test_processes_take_turns(path: Path) -> None:
    """Processes that write at once leave one whole chain with every fact once."""
    context = multiprocessing.get_context("spawn")
    numbers = [range(1, 41), range(20, 61)]
    writers = [context.Process(target=_write, args=(path, some)) for some in numbers]
    for one in writers:
        one.start()
    for one in writers:
        one.join(30)
    assert verify_journal(path).entries == 60


@given(kept=st.integers(0, 300))
@OFTEN
def test_torn_line_is_no_line(path: Path, kept: int) -> None:
    """A writer that died within a line never confirmed it; the next one writes it whole."""
    path.unlink(missing_ok=True)
    written(path, 2)
    sound = path.read_bytes()
    Journal(path).append(fact(3), written_at=AT)
    full = path.read_bytes()
    path.write_bytes(full[: len(sound) + kept % (len(full) - len(sound))])
    assert find_head(path).entries == 2
    Journal(path).append(fact(3), written_at=AT)
    assert verify_journal(path).entries == 3


@given(place=st.integers(0, 10_000), byte=st.integers(1, 255))
@OFTEN
def test_changed_byte_is_found(
    path: Path, whole: tuple[list[bytes], Head], place: int, byte: int
) -> None:
    """No bit of a journal whose head is known can be changed unseen."""
    lines, head = whole
    raw = bytearray(b"".join(lines))
    raw[place % len(raw)] ^= byte
    path.write_bytes(raw)
    with pytest.raises(JournalBroken):
        verify_journal(path, head)


@given(st.data())
@OFTEN
def test_lines_that_are_not_all_in_their_order_are_found(
    path: Path, whole: tuple[list[bytes], Head], data: st.DataObject
) -> None:
    """A line cut, doubled, put in or moved is found, wherever it was."""
    lines, head = whole
    others = data.draw(st.lists(st.sampled_from(lines), max_size=FACTS + 2))
    if others == lines:
        return
    path.write_bytes(b"".join(others))
    with pytest.raises(JournalBroken):
        verify_journal(path, head)


def test_every_cut_is_found(path: Path, whole: tuple[list[bytes], Head]) -> None:
    """A journal that ends earlier than what is known of it is refused, and names the line."""
    lines, head = whole
    for count in range(FACTS):
        path.write_bytes(b"".join(lines[:count]))
        with pytest.raises(JournalBroken, match=f"line {FACTS} .* is missing"):
            verify_journal(path, head)


def test_journal_written_anew_is_found(path: Path, whole: tuple[list[bytes], Head]) -> None:
    """A chain that is sound in itself is refused when it is not the one that is known."""
    _, head = whole
    path.unlink()
    journal = Journal(path)
    for number in range(2, FACTS + 2):
        journal.append(fact(number), written_at=AT)
    assert verify_journal(path).entries == FACTS
    with pytest.raises(JournalBroken, match="is not the one that is known"):
        verify_journal(path, head)


def test_writer_refuses_to_go_on_behind_a_broken_line(path: Path) -> None:
    """Nothing is written behind a line that cannot be believed."""
    written(path, 3)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[2])
    with pytest.raises(JournalBroken, match=r"line 2 .* does not follow"):
        Journal(path).append(fact(4), written_at=AT)
    assert path.read_bytes() == lines[0] + lines[2]


def test_lines_carry_no_person(path: Path) -> None:
    """A line names ids, categories, moments and digests, and nothing else."""
    written(path, 2)
    entries = [line.entry for line in read_journal(path)]
    assert {name for one in entries for name in one.__struct_fields__} == {
        *("event", "erasure", "record", "categories", "unreadable_since"),
        *("number", "before", "written_at"),
    }
    assert all(earlier.number + 1 == later.number for earlier, later in pairwise(entries))
