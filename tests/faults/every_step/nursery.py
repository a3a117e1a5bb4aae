"""A process with everything imported, which forks a child for each order it is sent.

Why: a child that begins in some milliseconds can be killed hundreds of times, and it is as truly
dead each time as any other process.
"""

import base64
import os
import pickle
import signal
import sys
import traceback

import uvloop

from tests.faults.every_step import ports
from tests.faults.every_step.calls import Calls
from tests.faults.every_step.orders import Order

CHILD_SECONDS_MAX = 240
FAILED = 1


def main() -> None:
    """Fork a child for each line of orders, and answer with its status when it has ended."""
    ports.statements()
    for line in sys.stdin.buffer:
        order = pickle.loads(base64.b64decode(line))  # noqa: S301 - from the test that started us
        child = os.fork()
        if child == 0:
            _live(order)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _live(order: Order) -> None:
    """Carry the order out in this process, which is a child and ends with it."""
    signal.alarm(CHILD_SECONDS_MAX)
    said = os.open(order.said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    calls = Calls(order.trace, order.fault, order.last)
    ports.install(calls, order.folders)
    try:
        uvloop.run(order.run(order.ground, order.work, calls))
    except BaseException:  # noqa: BLE001 - the outermost door of a child: told, then ended
        traceback.print_exc()
        _leave(FAILED)
    _leave(0)


def _leave(code: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
