"""Child processes as a test starts them, and how they ended."""

import asyncio
import base64
import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.native.stack import CHECKOUT
from tests.faults.every_step.calls import read_trace
from tests.faults.every_step.orders import Order


@dataclass(frozen=True)
class Ended:
    """How a child ended: its code, negative for a signal, the calls it made and what it said."""

    code: int
    calls: list[str]
    said: str


class Nursery:
    """Runs children one after the other."""

    def __init__(self) -> None:
        """Start the process that children are forked from; it ends when it is closed."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.every_step.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=CHECKOUT,
        )

    async def run(self, order: Order) -> Ended:
        """Let a child carry the order out, to its end."""
        code = await asyncio.to_thread(self._ask, base64.b64encode(pickle.dumps(order)))
        return Ended(code, read_trace(order.trace), _read(order.said))

    def _ask(self, line: bytes) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def _read(said: Path) -> str:
    return said.read_text(encoding="utf-8")
