"""What the faults of relays need: facts to relay, relays that halt, and what came of it."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from deploy.native.testing import FreshDatabase
from libs.events.testing.log_conformance import an_append
from tests.faults.halting import Child, How, child
from tests.integration.libs.events.pieces import (
    DEADLINE_SECONDS,
    HEARD_TOPIC,
    Lying,
    Service,
    Topic,
    until,
)
from tests.integration.libs.events.relaying import relaying


@dataclass
class Relaying:
    """A speaker with its database and its topic, and who hears it."""

    speaker: Service
    hearer: Service
    database: FreshDatabase
    bus: Topic
    log: Path

    async def say(self, records: int, facts: int) -> list[UUID]:
        """Say so many facts about so many new records, in turns."""
        appends = [an_append() for _ in range(records)]
        for append in appends:
            await self.speaker.log.append(append)
        for at in range(1, facts):
            await self.say_more([append.record for append in appends], at=at)
        return [append.record for append in appends]

    async def say_more(self, records: list[UUID], *, at: int) -> None:
        """One more fact about each of these."""
        for record in records:
            await self.speaker.log.append(an_append(record, at=at))

    def relay(
        self, point: str, how: How, *, after: int = 1, order: str = "right"
    ) -> AbstractContextManager[Child]:
        """A relay of this speaker in a process of its own, which halts at a point."""
        arguments = (self.database.url(), self.bus.name, self.bus.servers)
        halt = (point, how.value, str(after), order)
        return child("tests.faults.relay_process", *arguments, *halt, log=self.log)

    async def waiting(self) -> int:
        """How many facts wait in the outbox."""
        return int(await self.speaker.value("count_outbox"))

    async def drained(self, *, seconds: float = DEADLINE_SECONDS) -> None:
        """Wait until none waits."""

        async def is_empty() -> bool:
            return await self.waiting() == 0

        await until(is_empty, seconds=seconds)

    async def lease_is_over(self) -> None:
        """Wait until the relay that was elected has lost its turn."""

        async def nobody_is() -> bool:
            return await self.speaker.value("elected_session") is None

        await until(nobody_is)

    async def zombie_knows(self) -> None:
        """Wait until a thawed relay has noticed that its turn is over."""

        async def has_said_so() -> bool:
            return "relay_stopped" in self.log.read_text()

        await until(has_said_so)

    @asynccontextmanager
    async def healed(self) -> AsyncIterator[None]:
        """An ordinary relay takes over; what waits is sent, at the latest when this ends."""
        async with relaying(self.speaker, self.bus):
            yield
            await self.drained()

    async def hear_all(self) -> list[UUID | None]:
        """Let the hearer take in what lies on the topic; gives what it made of it, in order."""
        messages = await self.bus.read()
        for number in sorted({one.partition for one in messages}):
            await self.hearer.inbox.claim([(HEARD_TOPIC, number)])
            batch = [
                Lying(one.key, one.value, one.headers, one.offset, number)
                for one in messages
                if one.partition == number
            ]
            await self.hearer.inbox.apply(HEARD_TOPIC, number, batch)
        return await self.hearer.heard()

    async def kept(self) -> list[UUID]:
        """The facts of the speaker's log, record by record, each record's in order."""
        records = {row[0]: None for row in await self.speaker.rows("list_events")}
        return [one.event_id for record in records for one in await self.speaker.log.load(record)]

    async def first_versions(self) -> dict[str, list[int]]:
        """The versions of each record in the order in which each first came."""
        return {
            record: list(dict.fromkeys(versions))
            for record, versions in (await self.bus.versions()).items()
        }
