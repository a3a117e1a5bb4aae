"""What runs in each process of a scan; the automaton is built once per process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ops.scan import memory, metrics
from ops.scan.databases import look_at_database
from ops.scan.looking import Looked, Stretch, look_at
from ops.scan.matcher import Matcher, Pattern

_MATCHER: list[Matcher] = []


def prepare(patterns: Sequence[Pattern]) -> None:
    """Build this process's automaton."""
    _MATCHER[:] = [Matcher(patterns)]


def look_at_files(stretches: Sequence[Stretch]) -> list[Looked]:
    """Look at these stretches of files."""
    return look_at(stretches, _MATCHER[0])


def look_at_rows(url: str, database: str) -> list[Looked]:
    """Look at every row of one database."""
    return [asyncio.run(look_at_database(url, database, _MATCHER[0]))]


def look_at_metrics(addresses: Sequence[str]) -> list[Looked]:
    """Look at what is told at these addresses."""
    return metrics.look_at_metrics(addresses, _MATCHER[0])


def look_at_memory(process: memory.Process) -> list[Looked]:
    """Look at the memory of one process."""
    return memory.look_at_memory(process, _MATCHER[0])
