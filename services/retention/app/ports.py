"""What app needs from outside, by shape; main joins it to the store and to the libraries."""

from asyncio import Event as Signal
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from libs.events.database import Connection
from libs.events.log import Append, EventLog
from libs.events.recorded import Recorded
from libs.keyring.rounds import ShredRound, ShredStatus
from services.retention.domain.sweep import SweepState
from services.retention.projections.erasure_progress import ErasureProgress


class BatchLog(EventLog, Protocol):
    """A log that also writes many records' facts inside a transaction of the caller's."""

    appended: Signal

    async def load_many(
        self, connection: Connection, records: Collection[UUID]
    ) -> dict[UUID, list[Recorded]]:
        """The facts of several records in one read."""
        ...

    async def write(
        self, connection: Connection, appends: Sequence[Append]
    ) -> list[tuple[Recorded, ...]]:
        """Write facts, outbox, effects and views inside the open transaction."""
        ...


class KnownFacts(Protocol):
    """Which facts the log has."""

    async def known(self, events: Collection[UUID]) -> frozenset[UUID]:
        """Those of these events that are in it."""
        ...


class ErasureFacts(Protocol):
    """What the log says of erasures, found without reading the whole past of a record."""

    async def of_records(self, records: Collection[UUID]) -> dict[UUID, list[Recorded]]:
        """Of each record with facts: what erasures did to it, and its newest fact, in order."""
        ...

    async def has_later_answer(self, fact: Recorded) -> bool:
        """Whether an owner's answer to the same erasure stands in the log behind this fact."""
        ...


class UnansweredErasures(Protocol):
    """Which erasures may have an answer missing."""

    async def find_unanswered(
        self, now: datetime, begun_before: datetime, limit: int
    ) -> list[UUID]:
        """Those under way that destroyed a key, to be looked at by now, oldest first."""
        ...


class DueClaims(Protocol):
    """What the sweep takes in hand."""

    async def claim_due(
        self, connection: Connection, now: datetime, limit: int
    ) -> list[tuple[UUID, str]]:
        """Terms and holds that ended by now, kept from other sweeps until the commit."""
        ...


class SweepMemory(Protocol):
    """What the sweep remembers between runs."""

    async def read(self) -> SweepState:
        """The state as it is."""
        ...

    async def note_sweep(self, at: datetime) -> None:
        """The sweep ran to its end."""
        ...

    async def note_stop(self, at: datetime) -> None:
        """The sweep found that the clock jumped."""
        ...

    async def note_confirmation(self, at: datetime) -> None:
        """An operator trusts the time up to now."""
        ...


class RoundsSeen(Protocol):
    """Where shred rounds stand."""

    async def status(self) -> ShredStatus:
        """The newest round, and what is destroyed but still recoverable."""
        ...


class RoundRunner(Protocol):
    """Carries shred rounds out."""

    async def begin(self) -> ShredRound | None:
        """The round under way, or a new one; none when nothing is recoverable."""
        ...

    async def run(self) -> ShredRound | None:
        """Takes the round under way, or a new one, to its end."""
        ...


class ClockFigures(Protocol):
    """What the checks ask of the clocks."""

    async def count_by_state(self, clause: str) -> dict[str, int]:
        """How many categories stand in each state under a clause."""
        ...

    async def find_overdue(self, clause: str, before: datetime, limit: int) -> list[UUID]:
        """The events of terms that ended before an instant and were not carried out."""
        ...

    async def count_held(self) -> int:
        """How many categories the law holds."""
        ...

    async def find_unnamed_holds(self, before: datetime, limit: int) -> list[UUID]:
        """The events of holds older than an instant that name no basis or no date."""
        ...

    async def find_outlived_holds(self, before: datetime, limit: int) -> list[UUID]:
        """The events of holds whose term ended before an instant."""
        ...


class ErasureFigures(Protocol):
    """What the checks and gauges ask of the erasures."""

    async def under_way(self) -> tuple[int, datetime | None]:
        """How many erasures wait for answers, and when the oldest of them began."""
        ...

    async def count_asked_again(self) -> int:
        """How many erasures under way had to be asked for an answer again."""
        ...

    async def find_slow(self, begun_before: datetime, limit: int) -> list[UUID]:
        """The events of erasures begun before an instant that still wait."""
        ...

    async def count_recoverable(self) -> int:
        """How many completed erasures wait for the shred round that covers them."""
        ...

    async def count_unrecoverable(self) -> int:
        """How many completed erasures are beyond recall."""
        ...

    async def find_recoverable(self, completed_before: datetime, limit: int) -> list[UUID]:
        """The events of erasures completed before an instant that are still recoverable."""
        ...

    async def list_certificates(self, after: UUID | None, limit: int) -> list[ErasureProgress]:
        """Completed erasures by id."""
        ...
