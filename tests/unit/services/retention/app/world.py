"""Retention in memory: its log, a keyring, and its effects run as they fall due."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from joserfc.jwk import OKPKey

from libs.events.clock import FixedClock
from libs.events.database import Connection
from libs.events.event import Event
from libs.events.handle import Desk, Stamp
from libs.events.ids import CountedIds
from libs.events.log import Append, next_version
from libs.events.recorded import Recorded
from libs.events.testing.memory_log import MemoryLog
from libs.events.values import Category, Owner
from libs.events.vocabulary.retention import RecordErased
from libs.events.vocabulary.scrubbing import RecordScrubbed
from libs.events.work import Work
from libs.keyring.openings import HoldRequest
from libs.keyring.testing.memory_journal import MemoryJournaling
from libs.keyring.testing.memory_keyring import MemoryKeyring
from services.retention.api.bus import make_reactions
from services.retention.app.certificate import Certifier
from services.retention.app.erase import Eraser, PolicyStamp
from services.retention.app.reactions import Reactions
from services.retention.domain.clock import CLOCK, RunOut
from services.retention.domain.erasure import OWNERS
from services.retention.main import OWED
from tests.unit.services.retention.facts import BASIS, NOW, TERMS, UNTIL_ON
from tests.unit.services.retention.whole_stories import WholeStories

HOLD = HoldRequest(category="billing", reason="order", basis=BASIS, until_on=UNTIL_ON)
PERSON = b"blind index of a person"


@dataclass
class World:
    """One retention service without its outside."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    ids: CountedIds = field(default_factory=lambda: CountedIds(1000))
    log: MemoryLog = field(default_factory=MemoryLog)
    keyring: MemoryKeyring = field(default_factory=MemoryKeyring)
    journaling: MemoryJournaling = field(default_factory=MemoryJournaling)
    done: int = 0

    def __post_init__(self) -> None:
        """Wire the service to its memory."""
        self.stamp = Stamp(Owner.RETENTION, self.clock, self.ids)
        self.certifier = Certifier(OKPKey.generate_key("Ed25519"))
        self.eraser = Eraser(
            log=self.log,
            facts=WholeStories(self.log),
            desk=Desk(self.log, self.stamp),
            keyring=self.keyring,
            journaling=self.journaling,
            clock=self.clock,
            certifier=self.certifier,
            policy=PolicyStamp(version="2026.1", digest="00"),
        )
        self.reactions = make_reactions(Reactions(terms=TERMS, keyring=self.keyring))

    async def keep(
        self, record: UUID, *categories: str, kind: str = "quote", hold: HoldRequest = HOLD
    ) -> None:
        """A record of the person, with keys; billing is held."""
        await self.keyring.make_keys(
            record,
            kind=kind,
            categories=categories,
            subject=PERSON,
            at=NOW,
            hold=hold if "billing" in categories else None,
        )

    async def hear(self, owner: Owner, record: UUID, event: Event) -> Recorded:
        """Hear one fact of another service, and write what follows."""
        heard = Stamp(owner, self.clock, self.ids).record(record, (), (event,))[0]
        await self.hear_again(heard)
        return heard

    async def hear_again(self, heard: Recorded) -> None:
        """Take in a fact, as the inbox does once."""
        work = Work(cast("Connection", None), self.stamp, self._load)
        await self.reactions[type(heard.event)](heard, work)
        for append in work.appends:
            await self.log.append(append)

    async def _load(
        self, _connection: Connection, records: Collection[UUID]
    ) -> dict[UUID, list[Recorded]]:
        """Histories as the inbox reads them."""
        return {record: await self.log.load(record) for record in records}

    async def carry_out(self, *, twice: bool = False) -> None:
        """Run every effect that is owed, those that follow too; perhaps each twice."""
        while self.done < len(self.log.facts):
            fact = self.log.facts[self.done]
            for name in OWED.get(type(fact.event), ()):
                for _ in range(2 if twice else 1):
                    await getattr(self.eraser, name)(fact)
            self.done += 1

    async def scrub(self, *owners: Owner) -> None:
        """These owners answer everything they were told so far."""
        for fact in list(self.log.facts):
            if isinstance(fact.event, RecordErased):
                for owner in owners or OWNERS:
                    await self.hear(owner, fact.record, scrubbed(owner, fact.event))

    async def sweep(self, record: UUID) -> None:
        """Call due what is due of a record."""
        for category in Category:
            command = RunOut(category=category, at=self.clock.now())
            await Desk(self.log, self.stamp).handle(record, command, CLOCK)

    async def say(self, record: UUID, event: Event) -> None:
        """Put a fact of retention's own into the log."""
        history = await self.log.load(record)
        recorded = self.stamp.record(record, history, (event,))
        version = next_version(history)
        await self.log.append(Append(record=record, expected_version=version, recorded=recorded))

    def said(self, kind: type[Event]) -> list[Any]:
        """Every fact of one kind that retention said."""
        return [fact.event for fact in self.log.facts if isinstance(fact.event, kind)]


def scrubbed(owner: Owner, event: RecordErased) -> RecordScrubbed:
    """An owner's answer to an erased record."""
    return RecordScrubbed(
        owner=owner,
        erasure=event.erasure,
        categories=tuple(Category(category) for category in event.categories),
        objects_deleted=0,
    )
