"""Starting, asking and stopping the supervisor of one stack."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.native.failure import StackError
from deploy.native.stack import CHECKOUT, Stack
from deploy.native.supervisor_configuration import MARK

ANSWER_SECONDS = 10.0
SHUTDOWN_SECONDS = 60.0
WAIT = True


@dataclass(frozen=True, slots=True)
class ProcessState:
    """What the supervisor says of one process."""

    name: str
    state: str
    pid: int
    seconds_up: int

    @property
    def running(self) -> bool:
        """Whether the process is there now."""
        return self.state in ("STARTING", "RUNNING")


class Supervisor:
    """The supervisor of one stack, reached over its password-protected loopback door."""

    def __init__(self, stack: Stack) -> None:
        """Remember the stack; nothing is contacted yet."""
        self._stack = stack

    def is_up(self) -> bool:
        """Whether our supervisor process lives."""
        return self._pid() is not None

    def start(self) -> None:
        """Start the daemon; it starts the programs of the configuration.

        Raises: StackError, when it does not answer.
        """
        configuration = self._stack.run / "supervisord.conf"
        command = [
            sys.executable,
            "-m",
            "supervisor.supervisord",
            "-c",
            str(configuration),
        ]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise StackError(what=f"The supervisor refused: {last[0]}", remedy="See make doctor")
        if not wait_until(self.is_up, seconds=ANSWER_SECONDS):
            raise StackError(
                what="The supervisor did not come up", remedy="Read logs/supervisor.log"
            )

    def states(self) -> list[ProcessState]:
        """Every process as it is now; none when the supervisor is down."""
        if not self.is_up():
            return []
        rows = self._call("getAllProcessInfo")
        return [
            ProcessState(
                row["name"],
                row["statename"],
                row["pid"],
                max(0, row["now"] - row["start"]),
            )
            for row in rows
        ]

    def start_stopped(self, names: tuple[str, ...]) -> None:
        """Start those of the named processes that are not running, without waiting for them."""
        stopped = {one.name for one in self.states() if not one.running}
        for name in names:
            if name in stopped:
                self._call("startProcess", name, not WAIT)

    def stop_one(self, name: str) -> None:
        """Stop one process, and wait until it is gone."""
        self._call("stopProcess", name, WAIT)

    def stop(self) -> None:
        """Stop every process and then the supervisor; quiet when it is down already.

        Raises: StackError, when it is still there after the bound.
        """
        pid = self._pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        if not wait_until(lambda: self._pid() is None, seconds=SHUTDOWN_SECONDS):
            raise StackError(
                what=f"The supervisor (pid {pid}) did not stop", remedy="Try make down again"
            )

    def _pid(self) -> int | None:
        try:
            pid = int((self._stack.run / "supervisor.pid").read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None
        return pid if _is_supervisor(pid, self._stack) else None

    def _call(self, method: str, *arguments: Any) -> Any:
        password = self._stack.secret("supervisor.password")
        door = f"http://flux3d:{password}@127.0.0.1:{self._stack.ports.supervisor}/RPC2"
        with xmlrpc.client.ServerProxy(door) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)


def _is_supervisor(pid: int, stack: Stack) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return str(stack.run / "supervisord.conf").encode() in command


def strays(stack: Stack) -> list[int]:
    """Processes of this stack that outlived their supervisor, told by the mark they were given."""
    mark = f"{MARK}={stack.home}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            found += [int(entry.name)] if mark in _environment(entry) else []
    return found


def _environment(entry: Path) -> list[bytes]:
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Whether a condition came true within a bound of time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
