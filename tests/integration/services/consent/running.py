"""Consent on a real log and a real keyring, asked over HTTP, hearing what retention says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from httpx import Response

from libs.doors.tokens import issue_token
from libs.events.clock import MovableClock
from libs.events.event import Event
from libs.events.handle import Stamp
from libs.events.inbox import Inbox
from libs.events.message import to_message
from libs.events.postgres_log import PostgresLog
from libs.events.queries import load_queries
from libs.events.recorded import Recorded
from libs.events.values import Category, Owner
from libs.events.vocabulary.consent import RightsRequestReceived
from libs.events.vocabulary.retention import ErasureCompleted, HeldPart, RecordErased
from libs.keyring.keyring import Keyring
from libs.runtime.declared import Built
from libs.runtime.ground import Ground, Pools
from services.consent.app.request_links import RequestLinks

TOPIC = "retention.events"
INSPECTION = load_queries(Path(__file__).with_name("inspection.sql"))
ADDRESS = "zoe-quokka@canary.example"
CHOICE: dict[str, Any] = {
    "functional": True,
    "analytical": True,
    "advertisement": False,
    "marketing": True,
    "portfolio": False,
    "source": "banner",
    "notice_version": "2026-1",
    "language": "nl",
}
REFUSAL = CHOICE | {"functional": False, "analytical": False, "marketing": False}


@dataclass(frozen=True)
class Heard:
    """A message as Kafka would hand it over."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    topic: str = TOPIC
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
    retention: Keyring
    signing_pem: bytes
    said: dict[UUID, list[Recorded]] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)

    @property
    def links(self) -> RequestLinks:
        """The links as the letters hold them."""
        return RequestLinks(links=self.ground.links, public_url=self.ground.public_url)

    def as_role(self, role: str) -> dict[str, str]:
        """The header of somebody in this role."""
        token = issue_token(self.signing_pem, name="x", roles=[role], now=self.clock.now())
        return {"Authorization": f"Bearer {token}"}

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Response:
        """Write at a door, with a new idempotency key unless one is given."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        return await self.http.post(path, json=body, headers=headers)

    async def chosen(self, visitor: UUID, **changes: Any) -> dict[str, Any]:
        """A choice of this visitor, as it was answered."""
        body = CHOICE | {"visitor": str(visitor)} | changes
        answer = await self.post("/api/choices", body)
        assert answer.status_code in {200, 201}, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def refused_fields(self, path: str, bodies: Sequence[Any]) -> list[list[str]]:
        """What the problem of each bad body points at; nothing is kept of any."""
        pointers = []
        for body in bodies:
            answer = await self.post(path, body)
            assert answer.status_code == 422, answer.text
            pointers.append([one["pointer"] for one in answer.json()["errors"]])
        assert await self.ground.pool.fetchval(INSPECTION["count_facts"]) == 0
        return pointers

    async def requested(self, email: str = ADDRESS) -> UUID:
        """A new rights request."""
        body = {"right": "erasure", "email": email, "language": "nl"}
        answer = await self.post("/api/rights-requests", body)
        assert answer.status_code == 202, answer.text
        return UUID(answer.json()["id"])

    async def confirmation_path(self, request: UUID) -> str:
        """The path of the link in the letter."""
        (received, *_) = await self.log.load(request)
        assert isinstance(received.event, RightsRequestReceived)
        url = self.links.confirmation_url(request, due_on=received.event.due_on)
        return self.path_of(url)

    async def confirmed(self, request: UUID) -> dict[str, Any]:
        """The request confirmed, as it was answered."""
        answer = await self.post(await self.confirmation_path(request))
        assert answer.status_code == 202, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def path_of(self, url: str) -> str:
        """The path and query of a link of ours."""
        return url.removeprefix(self.ground.public_url)

    async def names(self, record: UUID) -> list[str]:
        """The names of the facts of a record, in order."""
        return [one.name for one in await self.log.load(record)]

    async def erase(self, record: UUID) -> None:
        """Destroy the keys as retention does, and let consent hear of it."""
        erasure, at = uuid4(), self.clock.now()
        outcome = await self.retention.destroy(record, erasure=erasure, at=at)
        categories = tuple(Category(one.category) for one in outcome.destroyed)
        event = RecordErased(
            erasure=erasure, cause="request", categories=categories, unreadable_since=at
        )
        await self.hear(record, event)

    async def complete(self, request: UUID, *held: HeldPart) -> UUID:
        """Let retention complete the erasure of this request; gives the erasure."""
        erasure = uuid4()
        event = ErasureCompleted(
            cause="request",
            request=request,
            erased=(),
            held=held,
            recipients_told=(),
            completed_at=self.clock.now(),
            certificate="signed",
        )
        await self.hear(erasure, event)
        return erasure

    async def hear(self, record: UUID, event: Event) -> None:
        """Let retention say this, and take it in twice, as a bus may hand it over."""
        story = self.said.setdefault(record, [])
        stamp = Stamp(Owner.RETENTION, self.clock, self.ground.ids)
        (recorded,) = stamp.record(record, story, [event])
        story.append(recorded)
        message = to_message(recorded)
        self.heard.append(Heard(len(self.heard), message.key, message.value, message.headers))
        inbox = Inbox(self.log, self.ground.stamp, self.built.reactions)
        await inbox.claim([(TOPIC, 0)])
        await inbox.apply(TOPIC, 0, self.heard)
        await inbox.apply(TOPIC, 0, self.heard)

    async def carry_out(self, record: UUID, effect: str) -> Recorded:
        """Carry out an effect of the newest fact of a record; gives that fact."""
        fact = (await self.log.load(record))[-1]
        await self.built.effects[effect](fact)
        return fact
