"""Runs one service as one process: doors, relay, inbox, effects and timers, until told to stop."""

import asyncio
import gc
import signal
import sys
from collections.abc import Callable

import structlog
import uvloop

from libs.doors.last_resort import where
from libs.events.closed_connections import notice_closed_connections
from libs.runtime.declared import Built, Declared
from libs.runtime.ground import Ground, open_pools
from libs.runtime.logs import configure_logs
from libs.runtime.process import Process
from libs.runtime.settings import ServiceSettings, SharedSettings, require_tls
from libs.runtime.telemetry import configure_traces
from libs.runtime.timers import Timer

__all__ = ["Built", "Declared", "Ground", "Timer", "run_service"]

LOG = structlog.get_logger("runtime")
FAILED = 1
YOUNG_OBJECTS_MAX = (50_000, 20, 100)
"""When each generation is collected; what cycles hold until then is a few megabytes."""


def run_service(
    declared: Declared, settings: ServiceSettings, build: Callable[[Ground], Built]
) -> None:
    """Run the service until SIGTERM or SIGINT; a part that breaks brings the process down.

    Why: the supervisor starts it again, and a half-living process would be believed.
    """
    shared = SharedSettings()
    require_tls(shared, settings.public_url)
    configure_logs(declared.owner, level=shared.log_level)
    traces = configure_traces(declared.owner, shared)
    notice_closed_connections()
    try:
        uvloop.run(_run(declared, settings, shared, build))
    except Exception as error:  # noqa: BLE001 - the outermost loop: told by kind and place
        LOG.error("service_failed", kind=type(error).__name__, place=where(error))  # noqa: TRY400 - its text may hold a value
        sys.exit(FAILED)
    finally:
        traces.shutdown()


async def _run(
    declared: Declared,
    settings: ServiceSettings,
    shared: SharedSettings,
    build: Callable[[Ground], Built],
) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    pools = await open_pools(declared.owner, settings)
    try:
        process = Process(declared, settings, shared, pools, build)
        settle_memory()
        await process.run(stopping)
    finally:
        await asyncio.wait_for(pools.close(), timeout=5)


def settle_memory() -> None:
    """What is there before the start stays: the collector looks at what comes after only.

    Why: it would walk over a hundred thousand living objects for every few thousand new ones.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG_OBJECTS_MAX)
