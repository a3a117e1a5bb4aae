"""What a batch of heard messages leads to: own facts, decided in memory, written at once."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from libs.events.database import Connection
from libs.events.decider import Decider
from libs.events.handle import NO_SECRETS, Stamp
from libs.events.log import Append, next_version
from libs.events.recorded import Recorded

C = TypeVar("C")
S = TypeVar("S")
Load = Callable[[Connection, Collection[UUID]], Awaitable[dict[UUID, list[Recorded]]]]


@dataclass
class Work:
    """The facts that reactions decide while a batch is in hand; nothing is written before its end.

    Shape: a later reaction of the batch sees what an earlier one decided; `connection` is the
    batch's transaction, for a counter that must move with the facts.
    """

    connection: Connection
    stamp: Stamp
    load: Load
    histories: dict[UUID, list[Recorded]] = field(default_factory=dict)
    appends: list[Append] = field(default_factory=list)

    async def prefetch(self, records: Collection[UUID]) -> None:
        """Load these records' histories in one read."""
        missing = [record for record in records if record not in self.histories]
        if missing:
            found = await self.load(self.connection, missing)
            self.histories.update({record: found.get(record, []) for record in missing})

    async def history(self, record: UUID) -> list[Recorded]:
        """The facts of a record of ours, those of this batch included."""
        await self.prefetch([record])
        return self.histories[record]

    async def handle(
        self,
        record: UUID,
        command: C,
        decider: Decider[C, S],
        *,
        cause: Recorded,
        secrets: Mapping[str, bytes] = NO_SECRETS,
    ) -> tuple[Recorded, ...]:
        """The facts that follow from the command, kept when the batch is.

        Shape: none, when the record has kept facts of this cause already.
        Why:   a service that was restored alone hears again what it had taken in; what followed
               from it came back from its own topic.
        """
        history = await self.history(record)
        if any(one.causation_id == cause.event_id and one.position for one in history):
            return ()
        events = decider.decide(command, decider.fold(one.event for one in history))
        if not events:
            return ()
        recorded = self.stamp.record(record, history, events, secrets=secrets, cause=cause)
        self.appends.append(
            Append(record=record, expected_version=next_version(history), recorded=recorded)
        )
        self.histories[record] = [*history, *recorded]
        return recorded

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Take back what a reaction decided when it fails half way."""
        appends, histories = list(self.appends), dict(self.histories)
        try:
            yield
        except BaseException:
            self.appends, self.histories = appends, histories
            raise


Reaction = Callable[[Recorded, Work], Awaitable[None]]
"""What a service does when it hears an event: `on_<event>(heard, work)`."""
