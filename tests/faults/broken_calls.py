"""Makes system calls of one process fail, as a disk does that gives out."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.native import tracer
from deploy.native.supervision import wait_until

ATTACHED_SECONDS = 20.0


@contextmanager
def failing_calls(pid: int, calls: str, error: str, noted: Path) -> Iterator[None]:
    """From here on each of these calls of a process ends with the error; `noted` lists them."""
    words = (tracer.strace(), "-p", str(pid), "-o", str(noted))
    what = ("-e", f"trace={calls}", "-e", f"inject={calls}:error={error}")
    said = noted.with_suffix(".said")
    with said.open("wb") as file:
        tracing = subprocess.Popen((*words, *what), stderr=file, env=tracer.environment())
    try:
        # The process may have made its call, and be gone, before anybody looks.
        is_there = wait_until(lambda: b"attached" in said.read_bytes(), seconds=ATTACHED_SECONDS)
        assert is_there, said.read_text(encoding="utf-8")
        yield
    finally:
        tracing.terminate()
        tracing.wait(ATTACHED_SECONDS)


def injected(noted: Path) -> int:
    """How many calls failed because of it."""
    return noted.read_text(encoding="utf-8", errors="replace").count("(INJECTED)")


def is_alive(pid: int) -> bool:
    """Whether the process still runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] not in ("Z", "X")
