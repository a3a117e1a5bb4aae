"""What the faults of consumers need: facts on a topic, ears that halt, and what they made of it."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from deploy.native.testing import FreshDatabase
from libs.events.bus import Ear
from libs.events.ids import RealIds
from libs.events.recorded import Recorded
from libs.events.vocabulary.quotes import ProjectStarted
from tests.faults.ear_process import CAREFUL
from tests.faults.halting import Child, How, child
from tests.integration.libs.events.hearing import has_heard, listening
from tests.integration.libs.events.pieces import Service, Topic, until
from tests.unit.libs.events.facts import facts_of

NEVER = "never"


@dataclass
class Hearing:
    """A hearer with its database, and the topic it hears."""

    hearer: Service
    database: FreshDatabase
    bus: Topic
    log: Path

    def ear(
        self,
        point: str = NEVER,
        how: How = How.DIES,
        *,
        after: int = 1,
        kind: str = CAREFUL,
        instance: str = "0",
    ) -> AbstractContextManager[Child]:
        """An ear on this topic in a process of its own, which halts at a point."""
        place = (self.database.url(), self.bus.name, self.bus.servers, instance, kind)
        halt = (point, how.value, str(after))
        return child("tests.faults.ear_process", *place, *halt, log=self.log)

    def healed(self) -> AbstractAsyncContextManager[Ear]:
        """An ordinary ear takes over."""
        return listening(self.hearer, self.bus)

    async def has_heard(self, facts: int) -> None:
        """Wait until so many facts were heard."""
        await has_heard(self.hearer, facts)

    async def says(self, words: str) -> None:
        """Wait until an ear in a process of its own has said so."""

        async def has_said_so() -> bool:
            return words in self.log.read_text()

        await until(has_said_so)

    async def heard_each_once(self, facts: Sequence[Recorded]) -> None:
        """Every fact had one effect, each record's in order, and nothing was parked."""
        heard = await self.hearer.heard()
        assert Counter(heard) == Counter(one.event_id for one in facts)
        assert await self.hearer.parking.list() == []
        versions: dict[UUID, list[int]] = {}
        order = {one.event_id: one for one in facts}
        for event_id in heard:
            if event_id is not None:
                versions.setdefault(order[event_id].record, []).append(order[event_id].version)
        assert all(found == sorted(found) for found in versions.values())


def some_facts(records: int, each: int = 1) -> list[Recorded]:
    """Facts about so many new records, each record's behind the other's."""
    ids = RealIds()
    by_record = [facts_of(ids.new(), *[ProjectStarted()] * each) for _ in range(records)]
    return [facts[at] for at in range(each) for facts in by_record]
