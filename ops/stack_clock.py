"""The clock of the running stack, as its services read it."""

from __future__ import annotations

from deploy.native.stack import ClockKind, Stack
from deploy.native.supervision import Supervisor
from libs.events.clock import Clock, MovableClock, RealClock

CLOCK_FILE = "clock.json"


def clock_kind(stack: Stack) -> str | None:
    """The clock that the running stack was started with; none when it is down."""
    if not Supervisor(stack).is_up():
        return None
    return (stack.run / "clock").read_text(encoding="ascii")


def last_clock(stack: Stack) -> ClockKind:
    """The clock that the stack was started with last; the real one when it never was."""
    path = stack.run / "clock"
    return "movable" if path.exists() and path.read_text(encoding="ascii") == "movable" else "real"


def movable_clock(stack: Stack) -> MovableClock:
    """The clock that all services of the stack share."""
    return MovableClock(stack.home / CLOCK_FILE, reread_seconds=0)


def stack_clock(stack: Stack) -> Clock:
    """What time it is for the services of the stack."""
    return movable_clock(stack) if clock_kind(stack) == "movable" else RealClock()
