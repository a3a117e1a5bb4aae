"""One side at work in this process: step after step, each one timed."""

import os
import time
from collections.abc import Awaitable, Callable, Sequence

from tests.bench.machine import cpu_seconds
from tests.bench.slices import Slice

Step = Callable[[], Awaitable[int]]
"""Does a piece of work and says how many operations that was; none ends the slice."""


async def work(step: Step, seconds: float, *, servers: Sequence[int]) -> Slice:
    """Repeat a step for some seconds, or until it has nothing left to do."""
    own, theirs = cpu_seconds([os.getpid()]), cpu_seconds(servers)
    operations, latencies = 0, list[float]()
    began = now = time.perf_counter()
    while now - began < seconds:
        done = await step()
        if not done:
            break
        before, now = now, time.perf_counter()
        operations += done
        latencies.append(now - before)
    return Slice(
        operations=operations,
        seconds=time.perf_counter() - began,
        client_cpu_seconds=cpu_seconds([os.getpid()]) - own,
        server_cpu_seconds=cpu_seconds(servers) - theirs,
        latencies_seconds=latencies,
    )
