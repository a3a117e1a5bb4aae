"""What others meet while a stack is under attack, and what its processes hold meanwhile."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.native.stack import Stack
from tests.storm.processes import Processes

PAUSE_SECONDS = 0.1
FIRST_SECONDS = 60.0
GAUGE = re.compile(r"^flux3d_doors_(under_way|waiting) ([0-9.]+)$", re.MULTILINE)


@dataclass
class Seen:
    """What was seen until now; memory in megabytes, by part."""

    answers: list[tuple[int, float]] = field(default_factory=list)
    most: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def statuses(self) -> set[int]:
        """What was answered at all."""
        return {status for status, _ in self.answers}

    @property
    def slowest_seconds(self) -> float:
        """The longest that somebody waited for an answer."""
        return max((seconds for _, seconds in self.answers), default=0.0)

    def keep_most(self, kind: dict[str, float], name: str, value: float) -> None:
        """Keep the most of a figure."""
        kind[name] = max(kind.get(name, 0.0), value)


@asynccontextmanager
async def watching(
    stack: Stack, service: str, ask: Callable[[], httpx.Response]
) -> AsyncIterator[Seen]:
    """Ask again and again as a caller who means no harm; look at the service and the gateway."""
    seen = Seen()
    tasks = [
        asyncio.create_task(_ask(seen, ask)),
        asyncio.create_task(_look(seen, stack, service)),
    ]
    try:
        while not (seen.answers and seen.memory):
            await asyncio.wait_for(seen.changed.wait(), FIRST_SECONDS)
        yield seen
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        broken = [task.exception() for task in tasks if not task.cancelled()]
        assert not any(broken), broken


async def _ask(seen: Seen, ask: Callable[[], httpx.Response]) -> None:
    while True:
        began = time.monotonic()
        answer = await asyncio.to_thread(ask)
        seen.answers.append((answer.status_code, time.monotonic() - began))
        seen.changed.set()
        seen.changed.clear()
        await asyncio.sleep(PAUSE_SECONDS)


async def _look(seen: Seen, stack: Stack, service: str) -> None:
    processes = Processes(stack)
    pids = {name: await asyncio.to_thread(processes.pid_of, name) for name in (service, "gateway")}
    async with httpx.AsyncClient(timeout=30) as client:
        while True:
            metrics = (await client.get(f"{stack.service_url(service)}/metrics")).text
            for name, value in GAUGE.findall(metrics):
                seen.keep_most(seen.most, name, float(value))
            for name, pid in pids.items():
                seen.keep_most(seen.memory, name, resident_megabytes(pid))
            seen.changed.set()
            seen.changed.clear()
            await asyncio.sleep(PAUSE_SECONDS)


def resident_megabytes(pid: int) -> float:
    """How much memory a process holds."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(it.split()[1] for it in status.splitlines() if it.startswith("VmRSS"))) / 1024
