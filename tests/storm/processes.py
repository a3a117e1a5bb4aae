"""The processes of one stack, found through its own supervisor and nowhere else, and hit."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.native.stack import Stack
from deploy.native.supervision import Supervisor, wait_until

FOUND_SECONDS = 15.0
DEAD_SECONDS = 5.0
STOPPED = ("T", "t")


class NotHit(Exception):
    """The fault met nothing: its target was not there, or it did not show."""


class Processes:
    """What the supervisor of one stack runs."""

    def __init__(self, stack: Stack) -> None:
        """Ask this stack's supervisor."""
        self._supervisor = Supervisor(stack)

    def pid_of(self, name: str) -> int:
        """The process of a part, waited for while it restarts.

        Raises: NotHit, when there is none in time.
        """
        deadline = time.monotonic() + FOUND_SECONDS
        while time.monotonic() < deadline:
            states = self._supervisor.states()
            pid = next((one.pid for one in states if one.name == name and one.pid), None)
            if pid is not None:
                return pid
            time.sleep(0.1)
        message = f"{name} was not running"
        raise NotHit(message)

    def kill(self, name: str) -> None:
        """Kill a part where it stands, and see it dead."""
        kill_hard(self.pid_of(name))

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """Stop a part with all its children; they go on afterwards, whatever happens."""
        family = [*_family(self.pid_of(name))]
        try:
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
            if not wait_until(lambda: state_of(family[0]) in STOPPED, seconds=DEAD_SECONDS):
                message = f"{name} did not stop"
                raise NotHit(message)
            yield
        finally:
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def backends(self, role: str) -> list[int]:
        """The server processes of Postgres that serve a role."""
        family = _family(self.pid_of("postgres"))
        mark = f"postgres: {role} ".encode()
        return [pid for pid in family if _command(pid).startswith(mark)]


def kill_hard(pid: int) -> None:
    """Kill a process, and see it dead.

    Raises: NotHit.
    """
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError as error:
        message = "the process was gone already"
        raise NotHit(message) from error
    if not wait_until(lambda: state_of(pid) in ("", "Z", "X"), seconds=DEAD_SECONDS):
        message = "the process outlived SIGKILL"
        raise NotHit(message)


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        for child in children.split():
            yield from _family(int(child))


def state_of(pid: int) -> str:
    """The letter by which the kernel says how a process is; empty when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[0]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
