"""The memory of running processes, read as the kernel shows it to their owner."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from deploy.native.stack import BUSY_DOORS, SERVICES, Stack, doors_program
from deploy.native.supervision import Supervisor
from ops.scan.looking import Looked
from ops.scan.matcher import Match, Matcher

PROC = Path("/proc")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
ENTRY_BYTES = 8
PRESENT = 0b11 << 62  # in memory, or swapped out
KERNELS_OWN = frozenset({"[vvar]", "[vvar_vclock]", "[vsyscall]", "[vdso]"})
ENVIRONMENT = "its own environment"
RUN_BYTES_MAX = 1 << 30
MAIL = "mail"
OURS = frozenset({*SERVICES, *map(doors_program, BUSY_DOORS)})


class Memory(StrEnum):
    """Whose memory is looked at."""

    NONE = "none"
    SERVICES = "services"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Process:
    """A running process, and the part of the stack it belongs to."""

    part: str
    pid: int

    @property
    def store(self) -> str:
        """What reports call its memory."""
        return f"memory of {self.part}"


def processes(stack: Stack, whose: Memory) -> list[Process]:
    """The running processes of these parts, with all they started.

    Shape: without the mail server, which stands for those of other people: what it got has left.
    """
    if whose is Memory.NONE:
        return []
    return [
        Process(one.name, pid)
        for one in Supervisor(stack).states()
        if one.pid and one.name != MAIL and (whose is Memory.ALL or one.name in OURS)
        for pid in _family(one.pid)
    ]


def look_at_memory(process: Process, matcher: Matcher) -> list[Looked]:
    """What is seen in everything a process has in memory that is no file's.

    Shape: its own environment is looked for as well; where that is not seen, it was not read.
    """
    seen, folder = Looked(process.store, things=1), PROC / str(process.pid)
    try:
        known = _environment(folder)
        for start, content in _stretches(folder):
            seen.bytes += len(content)
            matches = (Match(start + one.offset, one.pattern) for one in matcher.search(content))
            seen.note(f"process {process.pid}", matches)
            if known and known in content:
                seen.proofs.append(ENVIRONMENT)
    except (FileNotFoundError, ProcessLookupError):
        return []  # ended since it was listed
    except OSError as error:
        seen.faults.append(f"memory of {process.part} ({process.pid}): {type(error).__name__}")
    return [seen]


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        tasks = list((PROC / str(pid) / "task").iterdir())
        children = [one for task in tasks for one in (task / "children").read_text().split()]
    except OSError:
        return  # ended since it was listed
    for child in children:
        yield from _family(int(child))


def _environment(folder: Path) -> bytes:
    return (folder / "environ").read_bytes() or (folder / "cmdline").read_bytes()


def _stretches(folder: Path) -> Iterator[tuple[int, bytes]]:
    with (folder / "mem").open("rb", buffering=0) as mem, (folder / "pagemap").open("rb") as pages:
        for start, end in _own_ranges(folder):
            pages.seek(start // PAGE_BYTES * ENTRY_BYTES)
            entries = pages.read((end - start) // PAGE_BYTES * ENTRY_BYTES)
            for first, last in _present(entries):
                place = start + first * PAGE_BYTES
                mem.seek(place)
                yield place, _read(mem.fileno(), (last - first) * PAGE_BYTES)


def _read(descriptor: int, length: int) -> bytes:
    try:
        return os.read(descriptor, length)
    except OSError:
        return b""  # given back since its page was listed


def _own_ranges(folder: Path) -> Iterator[tuple[int, int]]:
    """What may be read and is no unchanged part of a file, which is searched as a file."""
    for line in (folder / "maps").read_text(encoding="utf-8", errors="replace").splitlines():
        addresses, rights, _, _, inode, *name = line.split(maxsplit=5)
        is_file = inode != "0" and "w" not in rights
        if "r" not in rights or is_file or KERNELS_OWN.intersection(name):
            continue
        start, end = (int(one, 16) for one in addresses.split("-"))
        yield start, end


def _present(entries: bytes) -> Iterator[tuple[int, int]]:
    """The runs of pages that are there, as first page and the one after the last."""
    first: int | None = None
    count, longest = len(entries) // ENTRY_BYTES, RUN_BYTES_MAX // PAGE_BYTES
    for at in range(count):
        entry = int.from_bytes(entries[at * ENTRY_BYTES : (at + 1) * ENTRY_BYTES], "little")
        if not entry & PRESENT:
            if first is not None:
                yield first, at
            first = None
        elif first is None:
            first = at
        elif at - first >= longest:
            yield first, at
            first = at
    if first is not None:
        yield first, count
