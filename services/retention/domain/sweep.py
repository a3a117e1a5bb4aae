"""When a sweep may run: a clock that jumped stops it until somebody has looked."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class SweepState:
    """What the sweep remembers between runs.

    Shape: time up to `last_swept_at` is trusted: a run or a confirmation moved it there.
    """

    last_swept_at: datetime | None = None
    stopped_at: datetime | None = None
    confirmed_at: datetime | None = None

    def jump(self, now: datetime) -> timedelta:
        """How far the clock has moved since it was last trusted; nothing before the first run."""
        return now - self.last_swept_at if self.last_swept_at else timedelta()

    def is_stopped(self, now: datetime, cap: timedelta) -> bool:
        """Whether the clock moved further than the policy allows unseen.

        Source: D10; policy `sweep.clock_jump_cap_days`.
        """
        return self.jump(now) > cap
