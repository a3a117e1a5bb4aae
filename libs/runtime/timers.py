"""What a service does by the clock: again and again, one run at a time, a failed run told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from libs.doors.last_resort import where

LOG = structlog.get_logger("timers")


@dataclass(frozen=True)
class Timer:
    """Something to run every so often; `run` must be idempotent."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[None]]


async def keep_time(timer: Timer) -> None:
    """Run it for ever, the pause counted from the end of a run; a failed run is tried again."""
    while True:
        await run_once(timer)
        await asyncio.sleep(timer.every_seconds)


async def run_once(timer: Timer) -> bool:
    """Run it and say whether it went well; a failure is logged by kind and place."""
    try:
        await timer.run()
    except Exception as error:  # noqa: BLE001 - a loop: told, and tried again at the next turn
        LOG.warning("timer_failed", timer=timer.name, kind=type(error).__name__, place=where(error))
        return False
    return True
