"""Points at which a process stops itself or dies, and the parent that waits for it there."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from deploy.native.stack import CHECKOUT
from tests.storm.processes import state_of

THERE_SECONDS = 60.0
STOPPED, GONE = ("T", "t"), ("", "Z", "X")


class How(StrEnum):
    """What happens to a process at its point."""

    STOPS = "stops"
    DIES = "dies"


@dataclass
class Halt:
    """Stops or kills this process when it comes to a point for the nth time."""

    point: str
    how: How
    after: int = 1

    def at(self, point: str) -> None:
        """This process is at the point now."""
        if point != self.point:
            return
        self.after -= 1
        if self.after == 0:
            os.kill(os.getpid(), signal.SIGSTOP if self.how is How.STOPS else signal.SIGKILL)


class Child:
    """A process of a test, with one halt."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Watch a process that was started."""
        self._process = process

    async def is_there(self) -> None:
        """Wait until the process has come to its point.

        Raises: TimeoutError.
        """
        async with asyncio.timeout(THERE_SECONDS):
            while state_of(self._process.pid) not in (*STOPPED, *GONE):  # noqa: ASYNC110 - another process is waited for
                await asyncio.sleep(0.01)
        if not self.is_stopped:
            # The leader may be gone a moment before its last thread is.
            await asyncio.to_thread(self._process.wait, THERE_SECONDS)

    @property
    def died(self) -> bool:
        """Whether it was killed by SIGKILL, and not ended otherwise."""
        return self._process.poll() == -signal.SIGKILL

    @property
    def is_stopped(self) -> bool:
        """Whether it stands still now."""
        return state_of(self._process.pid) in STOPPED

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it where it is, unless it is gone."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()


@contextmanager
def child(module: str, *arguments: str, log: Path) -> Iterator[Child]:
    """A Python module as a process of its own, killed at the latest at the end."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=CHECKOUT,
            stdout=said,
            stderr=said,
        )
    one = Child(process)
    try:
        yield one
    finally:
        one.kill()
