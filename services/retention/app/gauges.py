"""Figures an operator watches: erasures under way, and how long the oldest has waited."""

from dataclasses import dataclass

from prometheus_client import Gauge

from libs.events.clock import Clock
from services.retention.app.ports import ErasureFigures
from services.retention.app.sweep import Sweep

UNDER_WAY = Gauge("flux3d_retention_erasures_under_way", "Erasures that wait for an answer.")
OLDEST_SECONDS = Gauge(
    "flux3d_retention_erasure_age_seconds", "Age of the oldest erasure that waits; 0 when none."
)
ASKED_AGAIN = Gauge(
    "flux3d_retention_erasures_asked_again",
    "Erasures under way whose owners did not answer in time and were asked again.",
)
SWEEP_STOPPED = Gauge(
    "flux3d_retention_sweep_stopped", "1 while the sweep waits for an operator after a clock jump."
)


@dataclass(frozen=True)
class Gauges:
    """Refreshes the figures."""

    erasures: ErasureFigures
    sweep: Sweep
    clock: Clock

    async def refresh(self) -> None:
        """Measure and set them."""
        under_way, oldest_at = await self.erasures.under_way()
        age = (self.clock.now() - oldest_at).total_seconds() if oldest_at else 0.0
        UNDER_WAY.set(under_way)
        OLDEST_SECONDS.set(max(age, 0.0))
        ASKED_AGAIN.set(await self.erasures.count_asked_again())
        SWEEP_STOPPED.set((await self.sweep.look()).is_stopped)
