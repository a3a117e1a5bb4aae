"""The only sources of time: the real one, a movable one for shows, a fixed one for tests."""

import json
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, instant: datetime) -> None:
        """Stand at `instant`."""
        self._instant = instant

    def now(self) -> datetime:
        """The instant it stands at."""
        return self._instant

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self._instant += by


class MovableClock:
    """The machine's clock plus an offset kept in a file that all processes of a stack share.

    Why: a show lets thirteen months pass in a second; a production setting refuses this clock.
    """

    def __init__(self, path: Path, *, reread_seconds: float = 0.2) -> None:
        """Read the offset from `path`, at most every `reread_seconds`."""
        self._path = path
        self._reread_seconds = reread_seconds
        self._read_at = float("-inf")
        self._offset = timedelta()

    def now(self) -> datetime:
        """The machine's instant plus the offset."""
        return datetime.now(UTC) + self.offset()

    def offset(self) -> timedelta:
        """How far this clock is ahead of the machine's."""
        if time.monotonic() - self._read_at >= self._reread_seconds:
            self._offset = read_offset(self._path)
            self._read_at = time.monotonic()
        return self._offset

    def advance_to(self, instant: datetime) -> None:
        """Move every clock that shares the file to `instant`, which may not lie in the past.

        Raises: ValueError, when it does.
        """
        offset = instant - datetime.now(UTC)
        if offset < read_offset(self._path):
            message = f"the clock only moves forward; it is already past {instant.isoformat()}"
            raise ValueError(message)
        write_offset(self._path, offset)
        self._offset, self._read_at = offset, time.monotonic()


def read_offset(path: Path) -> timedelta:
    """The offset kept in the file; none, when there is no file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return timedelta()
    return timedelta(seconds=content["offset_seconds"])


def write_offset(path: Path, offset: timedelta) -> None:
    """Keep the offset so that a reader sees the old file or the new one, never half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"offset_seconds": offset.total_seconds()}, file)
    Path(name).chmod(0o644)
    Path(name).replace(path)
