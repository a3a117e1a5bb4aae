"""The one row that remembers when the sweep ran and whether it is stopped; not a view."""

from dataclasses import dataclass
from datetime import datetime

from libs.events.database import Pool
from services.retention.domain.sweep import SweepState
from services.retention.store.clock_table import QUERIES


@dataclass(frozen=True)
class SweepMemory:
    """Reads and moves the row."""

    pool: Pool

    async def read(self) -> SweepState:
        """The row as it is."""
        return SweepState(**await self.pool.fetchrow(QUERIES["read_sweep_state"]))

    async def note_sweep(self, at: datetime) -> None:
        """The sweep ran to its end."""
        await self.pool.execute(QUERIES["note_sweep"], at)

    async def note_stop(self, at: datetime) -> None:
        """The sweep found that the clock jumped."""
        await self.pool.execute(QUERIES["note_stop"], at)

    async def note_confirmation(self, at: datetime) -> None:
        """An operator trusts the time up to now."""
        await self.pool.execute(QUERIES["note_confirmation"], at)
