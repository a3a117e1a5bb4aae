"""The controls in memory: a process of the scan's own that holds them, and nothing else to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ops.scan.expected import Expected, expected
from ops.scan.memory import ENVIRONMENT, Process
from ops.scan.specimens import Specimen

PART = "a control"
# It takes them in, says so, and keeps them until it is told to end.
HOLDER = """
import sys
held = bytearray(sys.stdin.buffer.read(int(sys.argv[1])))
for at, one in enumerate(held):
    held[at] = one ^ 0xFF
print("held", flush=True)
sys.stdin.buffer.read()
"""


@contextmanager
def memory_control(found: list[Specimen]) -> Iterator[tuple[Process, set[Expected]]]:
    """A process that holds the controls for as long as the block runs.

    Why: they come to it inverted and are put right in its own memory, so what is seen there is what
         it holds and not what is left of how they came. Nor does it get the caller's environment,
         where an operator's shell may have put what is searched for.
    """
    content = b" | ".join(raw for _, raw in found).translate(_INVERTED)
    with subprocess.Popen(  # noqa: S603 - our own interpreter, our own program
        [sys.executable, "-c", HOLDER, str(len(content))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"LC_ALL": "C.UTF-8"},
    ) as holder:
        assert holder.stdin is not None  # noqa: S101 - both are pipes
        assert holder.stdout is not None  # noqa: S101 - as above
        holder.stdin.write(content)
        holder.stdin.flush()
        holder.stdout.readline()
        process = Process(PART, holder.pid)
        yield process, expected(process.store, found) | {Expected(process.store, ENVIRONMENT)}


_INVERTED = bytes(one ^ 0xFF for one in range(256))
