"""The sources of time."""

import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from libs.events.clock import FixedClock, MovableClock, RealClock, read_offset, write_offset

YEAR = timedelta(days=365)


def test_real_time_is_in_utc() -> None:
    """The machine's clock answers with its zone, which is UTC."""
    assert RealClock().now().tzinfo is UTC


def test_a_fixed_clock_stands_still() -> None:
    """Time passes in a test only when the test says so."""
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == clock.now()
    clock.advance(timedelta(days=1))
    assert clock.now() == datetime(2026, 1, 2, tzinfo=UTC)


def test_a_movable_clock_begins_at_the_machines(tmp_path: Path) -> None:
    """Without a file nothing was moved."""
    assert MovableClock(tmp_path / "clock.json").offset() == timedelta()


def test_a_move_is_seen_by_all_who_share_the_file(tmp_path: Path) -> None:
    """Every process of a stack sees the moved time."""
    path = tmp_path / "clock.json"
    mover, other = MovableClock(path), MovableClock(path, reread_seconds=0)
    mover.advance_to(datetime.now(UTC) + YEAR)
    assert abs(other.now() - mover.now()) < timedelta(seconds=5)
    assert other.offset() > YEAR - timedelta(minutes=1)


def test_a_clock_never_moves_back(tmp_path: Path) -> None:
    """A moved clock refuses to return: what fell due has fallen due."""
    clock = MovableClock(tmp_path / "clock.json")
    clock.advance_to(datetime.now(UTC) + YEAR)
    with pytest.raises(ValueError, match="only moves forward"):
        clock.advance_to(datetime.now(UTC) + timedelta(days=1))


def test_the_file_is_read_now_and_then_only(tmp_path: Path) -> None:
    """A clock that is asked often does not read its file each time."""
    path = tmp_path / "clock.json"
    clock = MovableClock(path, reread_seconds=3600)
    assert clock.offset() == timedelta()
    write_offset(path, YEAR)
    assert clock.offset() == timedelta()


def test_an_offset_is_kept_whole(tmp_path: Path) -> None:
    """A reader sees the old offset or the new one, never half a file, and no litter is left."""
    path = tmp_path / "clock.json"
    for days in range(50):
        write_offset(path, timedelta(days=days))
        assert read_offset(path) == timedelta(days=days)
    assert list(tmp_path.iterdir()) == [path]


def test_other_accounts_may_read_the_offset(tmp_path: Path) -> None:
    """The processes of a stack may run under several accounts."""
    path = tmp_path / "clock.json"
    write_offset(path, YEAR)
    assert path.stat().st_mode & 0o777 == 0o644


def test_another_process_reads_the_same(tmp_path: Path) -> None:
    """The offset goes through the file, not through memory."""
    path = tmp_path / "clock.json"
    write_offset(path, YEAR)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(read_offset, (path,)) == YEAR
