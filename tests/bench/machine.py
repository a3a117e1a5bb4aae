"""How fast the machine is now, and what processes have used of it."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
LOOPS, TRIES = 200_000, 3


def probe_seconds() -> float:
    """How long a fixed piece of work takes; the fastest of a few tries."""
    return min(_work() for _ in range(TRIES))


def _work() -> float:
    began = time.perf_counter()
    total = 0
    for number in range(LOOPS):
        total += number
    return time.perf_counter() - began


def cpu_seconds(pids: Iterable[int]) -> float:
    """What these processes have used of the processors so far; one that ended counts nothing."""
    return sum(map(_used, pids))


def _used(pid: int) -> float:
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # The program's name may hold spaces and brackets; what follows its last bracket does not.
    fields = line.rpartition(")")[2].split()
    user, system, children_user, children_system = (int(fields[at]) for at in range(11, 15))
    return (user + system + children_user + children_system) / TICKS_PER_SECOND


def resident_bytes(pid: int) -> int:
    """What of a process's memory lies in the machine's now, shared pages included."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descendants(pid: int) -> list[int]:
    """A process and all that it started, directly or not."""
    parents = dict(_parents())
    found = [pid]
    for one in found:
        found.extend(child for child, parent in parents.items() if parent == one)
    return found


def _parents() -> Iterable[tuple[int, int]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "stat").read_text(encoding="ascii", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield int(folder.name), int(line.rpartition(")")[2].split()[1])
