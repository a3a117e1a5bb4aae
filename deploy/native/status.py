"""What runs, since when, in how much memory, and whether it answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from deploy.native.readiness import ready
from deploy.native.stack import Stack
from deploy.native.supervision import ProcessState, Supervisor


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One part of the stack as it is now."""

    name: str
    state: str
    ready: bool
    seconds_up: int
    memory_megabytes: int


def status(stack: Stack) -> list[PartStatus]:
    """Every part the supervisor knows; none when the stack is down."""
    states = Supervisor(stack).states()
    with ThreadPoolExecutor(max(1, len(states))) as pool:
        return list(pool.map(lambda one: _part(stack, one), states))


def table(parts: list[PartStatus]) -> Table:
    """The same for people to read."""
    shown = Table("part", "state", "ready", "up", "memory", box=None)
    for one in parts:
        ready_word = "yes" if one.ready else "no"
        shown.add_row(
            one.name, one.state, ready_word, f"{one.seconds_up} s", f"{one.memory_megabytes} MB"
        )
    return shown


def _part(stack: Stack, process: ProcessState) -> PartStatus:
    return PartStatus(
        name=process.name,
        state=process.state.lower(),
        ready=process.running and ready(stack, process.name),
        seconds_up=process.seconds_up if process.running else 0,
        memory_megabytes=_family_memory(process.pid) // 1_000_000 if process.pid else 0,
    )


def _family_memory(pid: int) -> int:
    own = _proportional_bytes(Path(f"/proc/{pid}"))
    return own + sum(_family_memory(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _proportional_bytes(folder: Path) -> int:
    # Shared pages are counted once over all who share them; PostgreSQL's processes share most.
    try:
        lines = (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
