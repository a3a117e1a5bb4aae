"""Billing on a real log, keyring and object store, hearing what quotes and retention say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from libs.doors.tokens import issue_token
from libs.events.clock import MovableClock
from libs.events.effects import EffectsWorker
from libs.events.event import Event
from libs.events.handle import Stamp
from libs.events.inbox import Inbox
from libs.events.message import to_message
from libs.events.personal import Personal
from libs.events.postgres_log import PostgresLog
from libs.events.queries import load_queries
from libs.events.recorded import Recorded
from libs.events.values import Address, Category, Money, Owner
from libs.events.vocabulary.quotes import BillingParty, ProjectCompleted, QuoteAccepted
from libs.events.vocabulary.retention import RecordDue, RecordErased
from libs.keyring.keyring import Keyring
from libs.keyring.openings import HoldRequest
from libs.policy.calendar import local_date
from libs.runtime.declared import Built
from libs.runtime.ground import Ground, Pools
from services.billing.store.invoice_shelf import MinioShelf

INSPECTION = load_queries(Path(__file__).with_name("inspection.sql"))
PROVISIONAL = HoldRequest(category="billing", reason="order", basis="law")
ADDRESS = Address(street="Canarystraat 1", postal_code="1234 AB", city="Utrecht", country="NL")
PARTY = BillingParty(name="Zoë Canary-Quokka", email="zoe@canary.example", address=ADDRESS)
AMOUNT = Money(cents=123450)


@dataclass(frozen=True)
class Heard:
    """A message as Kafka would hand it over."""

    topic: str
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    partition: int = 0


@dataclass
class Running:
    """The service under test and the hands that use it."""

    http: httpx.AsyncClient
    pools: Pools
    ground: Ground
    built: Built
    log: PostgresLog
    clock: MovableClock
    quotes: Keyring
    retention: Keyring
    shelf: MinioShelf
    signing_pem: bytes
    said: dict[tuple[Owner, UUID], list[Recorded]] = field(default_factory=dict)
    heard: dict[Owner, list[Heard]] = field(default_factory=dict)

    async def get(self, path: str, role: str = "staff") -> httpx.Response:
        """Ask at a door in this role."""
        token = issue_token(self.signing_pem, name="x", roles=[role], now=self.clock.now())
        return await self.http.get(path, headers={"Authorization": f"Bearer {token}"})

    async def look(self, path: str) -> dict[str, Any]:
        """What staff see there."""
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def names(self, record: UUID) -> list[str]:
        """The names of the facts of a record, in order."""
        return [one.name for one in await self.log.load(record)]

    async def accepted(self, party: BillingParty = PARTY) -> UUID:
        """A record whose quote was accepted; billing has heard of it."""
        record = uuid4()
        keys = await self.quotes.make_keys(
            record,
            kind="quote",
            categories=["billing"],
            subject=None,
            at=self.clock.now(),
            hold=PROVISIONAL,
        )
        accepted = QuoteAccepted(offer=1, amount=AMOUNT, language="nl", party=Personal(party))
        secrets = {category: key.secret for category, key in keys.items()}
        self.say(Owner.QUOTES, record, accepted, secrets)
        return record

    async def ordered(self, party: BillingParty = PARTY) -> UUID:
        """An order, its hold placed."""
        record = await self.accepted(party)
        await self.take_in(Owner.QUOTES)
        return record

    def completes(self, record: UUID) -> None:
        """Let quotes say that the work is delivered."""
        delivered_on = local_date(self.clock.now())
        self.say(Owner.QUOTES, record, ProjectCompleted(delivered_on=delivered_on))

    async def invoiced(self, party: BillingParty = PARTY) -> UUID:
        """An order with its invoice, stored."""
        record = await self.ordered(party)
        self.completes(record)
        await self.take_in(Owner.QUOTES)
        return record

    async def erase(self, record: UUID) -> tuple[str, ...]:
        """Destroy what may be destroyed, as retention does; billing has heard of it."""
        erasure, at = uuid4(), self.clock.now()
        outcome = await self.retention.destroy(record, erasure=erasure, at=at)
        categories = tuple(Category(one.category) for one in outcome.destroyed)
        erased = RecordErased(
            erasure=erasure, cause="request", categories=categories, unreadable_since=at
        )
        self.say(Owner.RETENTION, record, erased)
        return categories

    def say(
        self,
        owner: Owner,
        record: UUID,
        event: Event,
        secrets: dict[str, bytes] | None = None,
    ) -> None:
        """Put what an owner says on its topic."""
        story = self.said.setdefault((owner, record), [])
        stamp = Stamp(owner, self.clock, self.ground.ids)
        story += stamp.record(record, story, [event], secrets=secrets or {})
        message = to_message(story[-1])
        topic = self.heard.setdefault(owner, [])
        topic.append(
            Heard(f"{owner}.events", len(topic), message.key, message.value, message.headers)
        )

    async def take_in(self, owner: Owner, *, carries_out: bool = True) -> None:
        """Take in the whole topic of an owner, twice, as a bus may; then carry out what is owed."""
        topic = f"{owner}.events"
        inbox = Inbox(self.log, self.ground.stamp, self.built.reactions)
        await inbox.claim([(topic, 0)])
        await inbox.apply(topic, 0, self.heard[owner])
        await inbox.apply(topic, 0, self.heard[owner])
        if carries_out:
            await self.carry_out()

    async def carry_out(self) -> None:
        """Carry out every effect that is owed."""
        worker = EffectsWorker(self.log, self.built.effects)
        while await worker.work_once():
            pass

    async def calls_due(self, record: UUID, category: Category = Category.BILLING) -> None:
        """Let retention's sweep say now that the hold's last day is past; billing has heard."""
        now = self.clock.now()
        due = RecordDue(category=category, clause="5.1.billing", due_at=now)
        self.say(Owner.RETENTION, record, due)
        await self.take_in(Owner.RETENTION)

    def move_to(self, on: date) -> None:
        """Let it become noon of that day."""
        self.clock.advance_to(datetime(on.year, on.month, on.day, 12, tzinfo=UTC))
