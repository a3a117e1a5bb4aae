"""The clock of the running stack, as its services read it."""

from __future__ import annotations

from deploy.native.lifecycle import running_clock
from deploy.native.stack import Stack
from libs.events.clock import Clock, MovableClock, RealClock

CLOCK_FILE = "clock.json"


def is_movable(stack: Stack) -> bool:
    """Whether the stack was started with a clock that may be moved."""
    return running_clock(stack) == "movable"


def movable_clock(stack: Stack) -> MovableClock:
    """The clock that all services of the stack share."""
    return MovableClock(stack.home / CLOCK_FILE, reread_seconds=0)


def stack_clock(stack: Stack) -> Clock:
    """What time it is for the services of the stack."""
    return movable_clock(stack) if is_movable(stack) else RealClock()
