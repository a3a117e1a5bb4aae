"""G12: what an idle stack needs of memory, and how long the demo takes on a warm machine."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.native import lifecycle
from deploy.native.stack import CHECKOUT, SERVICES, Ports, Stack
from deploy.native.status import status
from deploy.native.supervision import Supervisor
from deploy.native.testing import free_port_base
from tests.bench.contest import Contest
from tests.bench.machine import resident_bytes
from tests.bench.place import Place
from tests.bench.slices import Slice

IDLE_SECONDS = 20.0
"""How long the services have had nothing to do before their memory is read."""

MEGABYTE = 1_000_000
DEMO_SECONDS_MAX = 900
Figure = Callable[[], Awaitable[float]]


class DemoFailed(RuntimeError):
    """The demo did not come to its end, so how long it took says nothing."""


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """The whole stack at rest; the demo has a stack of its own beside it."""
    footprint, demo = Footprint(place), Demo()
    async with place.with_services(*SERVICES):
        await asyncio.sleep(IDLE_SECONDS)
        yield [
            _row("resident memory of the largest idle service", "MB", footprint.service, 120, 90),
            _row("memory of the whole idle stack", "MB", footprint.stack, 2000, 1500),
            _row("make demo on a warm machine, taken once", "s", demo.seconds, 120, 60),
        ]


def _row(row: str, unit: str, figure: Figure, must: float, wanted: float) -> Contest:
    """A figure that stands by itself: what it is measured by is one of its unit."""

    async def subject(_: float) -> Slice:
        return Slice(operations=1, seconds=await figure())

    async def yardstick(_: float) -> Slice:
        return Slice(operations=1, seconds=1.0)

    return Contest(
        goal="G12",
        row=row,
        yardstick_is=f"one {unit}",
        subject=subject,
        yardstick=yardstick,
        must=must,
        wanted=wanted,
        at_least=False,
        figure=lambda one: one.seconds,
        unit=unit,
    )


@dataclass(frozen=True)
class Footprint:
    """The memory of a stack that has nothing to do, in megabytes."""

    place: Place

    async def service(self) -> float:
        """Of the service that holds most."""
        states = Supervisor(self.place.stack).states()
        services = [one.pid for one in states if one.name in SERVICES]
        return max(map(resident_bytes, services)) / MEGABYTE

    async def stack(self) -> float:
        """Of all parts together; a page that several share is counted once."""
        parts = await asyncio.to_thread(status, self.place.stack)
        return float(sum(one.memory_megabytes for one in parts))


@dataclass
class Demo:
    """A demo from nothing running to the end of its tour, where all programs are installed."""

    _taken: list[float] = field(default_factory=list)

    async def seconds(self) -> float:
        """How long it took, the one time it was run; it takes too long for every round."""
        if not self._taken:
            self._taken.append(await asyncio.to_thread(_run_demo))
        return self._taken[0]


def _run_demo() -> float:
    with tempfile.TemporaryDirectory() as folder, free_port_base() as base:
        stack = Stack(home=Path(folder, "home"), ports=Ports(base), clock="movable")
        place = {"FLUX3D_HOME": str(stack.home), "FLUX3D_PORT_BASE": str(base)}
        try:
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "deploy.native", "demo"],
                env={**os.environ, **place},
                cwd=CHECKOUT,
                capture_output=True,
                text=True,
                timeout=DEMO_SECONDS_MAX,
                check=False,
            )
            taken = time.perf_counter() - began
        finally:
            lifecycle.clean(stack)
    if done.returncode:
        raise DemoFailed(done.stdout[-2000:] + done.stderr[-2000:])
    return taken
