"""Retention on a real log and a real keyring, asked over HTTP, hearing what the others say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from httpx import Response

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
from libs.events.values import Category, Owner
from libs.events.vocabulary.quotes import QuoteDetails, QuoteRequested
from libs.events.vocabulary.retention import RecordErased
from libs.events.vocabulary.scrubbing import RecordScrubbed
from libs.keyring.keyring import Keyring
from libs.keyring.openings import HoldRequest
from libs.runtime.declared import Built
from libs.runtime.ground import Ground
from services.retention.domain.erasure import OWNERS

INSPECTION = load_queries(Path(__file__).with_name("inspection.sql"))
ROLES = ("staff", "operator", "auditor")
DETAILS = QuoteDetails(name="Canary", email="canary@canary.example", brief="CANARY-HERON")


@dataclass(frozen=True)
class Heard:
    """A message as Kafka would hand it over."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    topic: str
    partition: int = 0


@dataclass
class Running:
    """The service under test and the hands that use it."""

    http: httpx.AsyncClient
    ground: Ground
    built: Built
    log: PostgresLog
    clock: MovableClock
    signing_pem: bytes = field(repr=False)
    keyrings: dict[Owner, Keyring] = field(default_factory=dict)
    said: dict[tuple[Owner, UUID], list[Recorded]] = field(default_factory=dict)
    heard: dict[str, list[Heard]] = field(default_factory=dict)

    # ── over HTTP ────────────────────────────────────────────────────────────────────────────────

    def caller(self, *roles: str) -> dict[str, str]:
        """The header of somebody with these roles."""
        token = issue_token(self.signing_pem, name="t", roles=roles, now=self.clock.now())
        return {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, *roles: str) -> Response:
        """Read at a door, with every role unless some are named."""
        return await self.http.get(path, headers=self.caller(*(roles or ROLES)))

    async def post(
        self, path: str, body: Any = None, *, key: str | None = None, roles: tuple[str, ...] = ROLES
    ) -> Response:
        """Write at a door, with a new idempotency key unless one is given."""
        headers = {"Idempotency-Key": key or str(uuid4()), **self.caller(*roles)}
        return await self.http.post(path, json=body, headers=headers)

    # ── what happens outside ─────────────────────────────────────────────────────────────────────

    async def hear(self, owner: Owner, record: UUID, event: Event) -> None:
        """Let another service say this, and take it in twice, as a bus may hand it over."""
        secrets = {}
        if isinstance(event, QuoteRequested):
            secrets = {"quote": b"k" * 32}
        story = self.said.setdefault((owner, record), [])
        stamp = Stamp(owner, self.clock, self.ground.ids)
        (recorded,) = stamp.record(record, story, [event], secrets=secrets)
        story.append(recorded)
        await self._take_in(f"{owner}.events", recorded)

    async def _take_in(self, topic: str, recorded: Recorded) -> None:
        """Hand everything said on the topic to the inbox, twice."""
        message, lying = to_message(recorded), self.heard.setdefault(topic, [])
        lying.append(Heard(len(lying), message.key, message.value, message.headers, topic))
        inbox = Inbox(self.log, self.ground.stamp, self.built.reactions)
        await inbox.claim([(topic, 0)])
        await inbox.apply(topic, 0, lying)
        await inbox.apply(topic, 0, lying)

    async def quoted(self, person: bytes, *, is_ordered: bool = False) -> UUID:
        """A quote of a person, with its keys, heard of."""
        record, at = self.ground.ids.new(), self.clock.now()
        hold = HoldRequest(category="billing", reason="order", basis="AWR art. 52(4)")
        await self.keyrings[Owner.QUOTES].make_keys(
            record,
            kind="quote",
            categories=["quote", "billing"] if is_ordered else ["quote"],
            subject=person,
            at=at,
            hold=hold if is_ordered else None,
        )
        requested = QuoteRequested(language="en", details=Personal(DETAILS))
        await self.hear(Owner.QUOTES, record, requested)
        return record

    async def requester(self, person: bytes) -> UUID:
        """A rights request of a person, with its key."""
        record = self.ground.ids.new()
        await self.keyrings[Owner.CONSENT].make_keys(
            record,
            kind="rights_request",
            categories=["rights_request"],
            subject=person,
            at=self.clock.now(),
        )
        return record

    async def carry_out(self) -> None:
        """Run the effects that are owed until none is left."""
        worker = EffectsWorker(self.log, self.built.effects)
        while await worker.work_once():
            pass

    async def finish(self) -> None:
        """Carry out what is owed, let every owner answer, and carry out what follows."""
        await self.carry_out()
        for fact in await self.facts():
            if isinstance(fact.event, RecordErased):
                for owner in OWNERS:
                    await self._answer(owner, fact.record, fact.event)
        await self.carry_out()

    async def facts(self) -> list[Recorded]:
        """Everything that retention said."""
        rows = await self.ground.pool.fetch(INSPECTION["list_records"])
        return [fact for row in rows for fact in await self.log.load(row["record"])]

    async def _answer(self, owner: Owner, record: UUID, event: RecordErased) -> None:
        """Answer a fact once, as an owner does."""
        story = self.said.get((owner, record), [])
        answered = [one.event for one in story if isinstance(one.event, RecordScrubbed)]
        if any(one.erasure == event.erasure for one in answered):
            return
        categories = tuple(Category(category) for category in event.categories)
        scrubbed = RecordScrubbed(
            owner=owner, erasure=event.erasure, categories=categories, objects_deleted=0
        )
        await self.hear(owner, record, scrubbed)

    async def keyrings_see(self, record: UUID) -> str:
        """What the keyring answers to the quotes service about the quote's key."""
        keyring = self.keyrings[Owner.QUOTES]
        keyring.revoke(record)
        opened = await keyring.open_keys([(record, "quote")])
        return type(opened[record, "quote"]).__name__

    # ── time and what was said ───────────────────────────────────────────────────────────────────

    def pass_days(self, days: int) -> None:
        """Let days pass."""
        self.clock.advance_to(self.clock.now() + timedelta(days=days))

    async def names(self, record: UUID) -> list[str]:
        """The names of the facts of a record, in order."""
        return [one.name for one in await self.log.load(record)]
