"""Ports that only ask: each awaited call hands its wish to the scheduler and waits for the answer.

So a running handler is a coroutine between two port calls, and everything it knows is what it was
answered so far: it can be left, taken up, or run again from those answers.
"""

from collections.abc import Awaitable, Callable, Collection, Generator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from libs.events.clock import FixedClock
from libs.events.database import Connection, Pool
from libs.events.errors import Conflict
from libs.events.handle import Desk, Stamp
from libs.events.ids import CountedIds
from libs.events.log import Append, Checkpoint, EventLog, Stretch
from libs.events.recorded import Recorded
from libs.events.values import Owner
from libs.keyring.keyring import Keyring
from services.billing.domain.invoice_number import InvoiceNumber
from services.retention.domain.sweep import SweepState

READ = "load"
WRITE = "write"


@dataclass(frozen=True)
class Ask:
    """One port call: of which port, what, with what."""

    port: str
    call: str
    arguments: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)

    def __await__(self) -> Generator["Ask", Any, Any]:
        """Wait for the scheduler's answer."""
        answer: Any = yield self
        return answer


class Asking:
    """A port of which every call is asked of the scheduler."""

    def __init__(self, port: str) -> None:
        """Ask under this name."""
        self._port = port

    def __getattr__(self, call: str) -> Callable[..., Awaitable[Any]]:
        """The call, as something to await."""

        async def ask(*arguments: Any, **named: Any) -> Any:
            return await Ask(self._port, call, arguments, named)

        return ask


class AskingKeyring(Asking):
    """A keyring that remembers nothing, so it has nothing to forget."""

    def revoke(self, record: UUID) -> None:
        """Nothing to forget."""

    def forget_old_keys(self) -> None:
        """Nothing to drop."""


class _Signal:
    def set(self) -> None:
        """Nobody waits for it."""


class AskingLog:
    """A service's log: loads, appends, and writes of a batch; views and effects go with them."""

    def __init__(self, owner: Owner) -> None:
        """The log of this service."""
        self._port = f"log of {owner}"
        self.appended = _Signal()

    async def load(self, record: UUID) -> list[Recorded]:
        """All facts of a record."""
        return (await self.load_many(CONNECTION, [record])).get(record, [])

    async def load_many(
        self, _connection: Connection, records: Collection[UUID]
    ) -> dict[UUID, list[Recorded]]:
        """The facts of several records."""
        found: dict[UUID, list[Recorded]] = await Ask(self._port, READ, tuple(records))
        return found

    async def find_unknown(self, records: Collection[UUID]) -> set[UUID]:
        """Those of these records that have no fact."""
        unknown: set[UUID] = await Ask(self._port, "find_unknown", (tuple(records),))
        return unknown

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Keep the facts of one record."""
        return (await self.write(CONNECTION, [append]))[0]

    async def append_each(self, appends: Sequence[Append]) -> list[tuple[Recorded, ...] | Conflict]:
        """Keep each by itself, one after the other."""
        ended: list[tuple[Recorded, ...] | Conflict] = []
        for one in appends:
            try:
                ended.append(await self.append(one))
            except Conflict as late:
                ended.append(late)
        return ended

    async def write(
        self, _connection: Connection, appends: Sequence[Append], **taken: Any
    ) -> list[tuple[Recorded, ...]]:
        """Keep the facts of several records, and how far was heard, together."""
        written: list[tuple[Recorded, ...]] = await Ask(
            self._port, WRITE, tuple(appends), dict(taken)
        )
        return written

    async def read_onward(self, after: Checkpoint) -> Stretch:
        """The next fact of the whole log, one at a time."""
        stretch: Stretch = await Ask(self._port, "read_onward", (after,))
        return stretch


class _Connection:
    def transaction(self) -> AbstractAsyncContextManager[None]:
        """Everything is written by one call, so there is nothing to open."""
        return nullcontext()


class _Pool:
    def acquire(self) -> AbstractAsyncContextManager[Connection]:
        """The one connection there is."""
        return nullcontext(CONNECTION)


CONNECTION = cast("Connection", _Connection())
POOL = cast("Pool", _Pool())


@dataclass(frozen=True)
class Numbers:
    """One invoice number per record, so that no interleaving changes it."""

    record: UUID

    async def take_number(self, _connection: Connection, year: int) -> InvoiceNumber:
        """The number of the record; the gapless series has tests of its own."""
        return InvoiceNumber(year, self.record.int % 10**9)


class TrustingMemory:
    """A sweep that never finds a jump: that guard has tests of its own."""

    async def read(self) -> SweepState:
        """Nothing was swept before."""
        return SweepState()

    async def note_sweep(self, at: datetime) -> None:
        """Not kept."""

    async def note_stop(self, at: datetime) -> None:
        """Not kept."""

    async def note_confirmation(self, at: datetime) -> None:
        """Not kept."""


@dataclass(frozen=True)
class Spot:
    """Where one piece of work runs: whose it is, its time, its ids and its ports.

    Shape: ids follow from the name of the work, so the same work has the same ids in every
    interleaving.
    """

    owner: Owner
    clock: FixedClock
    ids: CountedIds

    @property
    def log(self) -> AskingLog:
        """The log of the service."""
        return AskingLog(self.owner)

    @property
    def keyring(self) -> Keyring:
        """The keyring as the service sees it."""
        return cast("Keyring", AskingKeyring(f"keyring of {self.owner}"))

    @property
    def stamp(self) -> Stamp:
        """The envelope of the service."""
        return Stamp(self.owner, self.clock, self.ids)

    @property
    def desk(self) -> Desk:
        """Where commands are handled."""
        return Desk(cast("EventLog", self.log), self.stamp)
