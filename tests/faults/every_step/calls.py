"""Counts the calls of a process, and ends it or fails it at one of them."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

_COUNTING: ContextVar[bool] = ContextVar("counting", default=False)


class Kind(StrEnum):
    """What befalls a process at a call."""

    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    FAILED = "failed"
    DONE_THEN_FAILED = "done, then failed"


KILLS = (Kind.KILLED_BEFORE, Kind.KILLED_AFTER)
FAILURES = (Kind.FAILED, Kind.DONE_THEN_FAILED)


@dataclass(frozen=True)
class Fault:
    """What befalls which call, counted from one."""

    call: int
    kind: Kind


class Befallen(Exception):
    """A fault that a port turns into an error of its own."""


@dataclass
class Calls:
    """The calls of this process so far, written down as they are made.

    Shape: counting ends with the call named `last`; a call within a call is none of its own.
    """

    trace: Path
    fault: Fault | None = None
    last: str | None = None
    made: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _file: int = field(default=-1)

    def __post_init__(self) -> None:
        """Begin an empty trace."""
        self._file = os.open(self.trace, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count the calls made in this block, and by the tasks and threads begun in it."""
        token = _COUNTING.set(True)
        try:
            yield
        finally:
            _COUNTING.reset(token)

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """Count nothing in this block."""
        token = _COUNTING.set(False)
        try:
            yield
        finally:
            _COUNTING.reset(token)

    def counts(self) -> bool:
        """Whether a call made here and now is counted."""
        return _COUNTING.get() and not self.over.is_set()

    def begin(self, name: str) -> int:
        """The number of the call that is about to be made.

        Raises: Befallen, when it is not to be made.
        """
        self.made += 1
        _really_write(self._file, f"{name}\n".encode())
        try:
            self._meet(self.made, Kind.KILLED_BEFORE, Kind.FAILED)
        except Befallen:
            self._note_end(name)
            raise
        return self.made

    def end(self, number: int, name: str) -> None:
        """The call had its effect.

        Raises: Befallen, when nobody is to know.
        """
        self._note_end(name)
        self._meet(number, Kind.KILLED_AFTER, Kind.DONE_THEN_FAILED)

    def _note_end(self, name: str) -> None:
        if name == self.last:
            self.over.set()

    def _meet(self, number: int, kill: Kind, failure: Kind) -> None:
        if self.fault is None or self.fault.call != number:
            return
        if self.fault.kind is kill:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fault.kind is failure:
            raise Befallen(failure.value)


_really_write = os.write


def read_trace(trace: Path) -> list[str]:
    """The names of the calls that a process made, in their order."""
    return trace.read_text(encoding="utf-8").splitlines()
