"""What the tour's operator does: runs the `flux3d` command, and pulls a plug."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

from deploy.native.stack import CHECKOUT, Stack
from deploy.native.supervision import Supervisor
from ops.tour.telling import NotSeen


class OperatorHand:
    """Runs commands against one stack, as an operator would type them."""

    def __init__(self, stack: Stack) -> None:
        """Work on `stack`."""
        self._stack = stack
        self._environment = {
            **os.environ,
            "FLUX3D_HOME": str(stack.home),
            "FLUX3D_PORT_BASE": str(stack.ports.base),
            "NO_COLOR": "1",
        }

    def run(self, *words: str, accept: tuple[int, ...] = (0,)) -> Any:
        """What `flux3d … --json` printed.

        Raises: NotSeen, when it ended with another exit code.
        """
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "ops.main", *words, "--json"],
            cwd=CHECKOUT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in accept:
            message = f"flux3d {words[0]} ended with {done.returncode}: {done.stderr[-800:]}"
            raise NotSeen(message)
        return json.loads(done.stdout)

    def kill(self, service: str) -> int:
        """Kill a service's process where it stands; gives the process id that died."""
        pid = self.pid_of(service)
        if pid is None:
            message = f"{service} was not running"
            raise NotSeen(message)
        os.kill(pid, signal.SIGKILL)
        return pid

    def pid_of(self, service: str) -> int | None:
        """The process id of a running service."""
        states = Supervisor(self._stack).states()
        return next((one.pid for one in states if one.name == service and one.pid), None)
