"""Quotes on a real log and a real keyring, asked over HTTP, hearing what retention says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
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
from libs.events.values import Owner
from libs.keyring.keyring import Keyring
from libs.runtime.declared import Built
from libs.runtime.ground import Ground, Pools
from services.quotes.app.quote_links import QuoteLinks

TOPIC = "retention.events"
INSPECTION = load_queries(Path(__file__).with_name("inspection.sql"))
BODY = {
    "name": "Zoë Canary-Quokka",
    "email": "zoe@canary.example",
    "brief": "CANARY-QUOKKA: forty chairs.",
    "language": "nl",
    "billing_address": {
        "street": "Canarystraat 1",
        "postal_code": "1234 AB",
        "city": "Utrecht",
        "country": "NL",
    },
}


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
    signing_pem: bytes = field(repr=False)
    said: dict[UUID, list[Recorded]] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)

    @property
    def links(self) -> QuoteLinks:
        """The links as the letters hold them."""
        return QuoteLinks(
            links=self.ground.links,
            public_url=self.ground.public_url,
            terms=self.ground.policy.terms,
        )

    def staff(self) -> dict[str, str]:
        """The header of somebody of the staff."""
        token = issue_token(self.signing_pem, name="staff", roles=["staff"], now=self.clock.now())
        return {"Authorization": f"Bearer {token}"}

    async def post(
        self, path: str, body: Any = None, *, key: str | None = None, staff: bool = False
    ) -> Response:
        """Write at a door, with a new idempotency key unless one is given."""
        headers = {"Idempotency-Key": key or str(uuid4())} | (self.staff() if staff else {})
        return await self.http.post(path, json=body, headers=headers)

    async def requested(self, **changes: Any) -> UUID:
        """A new quote."""
        answer = await self.post("/api/quotes", BODY | changes)
        return UUID(answer.json()["id"])

    async def offered(self, valid_until_on: str, **changes: Any) -> UUID:
        """A new quote with an offer."""
        quote = await self.requested(**changes)
        body = {"amount": {"amount": "1234.50"}, "valid_until_on": valid_until_on}
        answer = await self.post(f"/api/quotes/{quote}/offer", body, staff=True)
        assert answer.status_code == 200, answer.text
        return quote

    async def answer_path(self, quote: UUID, answer: str = "acceptance") -> str:
        """The path of the link in the newest offer's letter."""
        row = await self.ground.pool.fetchrow(INSPECTION["find_offer"], quote)
        url = self.links.answer_url(
            quote, answer, offer=row["offer"], valid_until_on=row["valid_until_on"]
        )
        return path_of(url)

    async def look(self, quote: UUID) -> dict[str, Any]:
        """The quote as staff see it."""
        answer = await self.http.get(f"/api/quotes/{quote}", headers=self.staff())
        shown: dict[str, Any] = answer.json()
        return shown

    async def names(self, quote: UUID) -> list[str]:
        """The names of the facts of a record, in order."""
        return [one.name for one in await self.log.load(quote)]

    async def run_timer(self, name: str) -> None:
        """Run the timer of this name once."""
        (timer,) = [one for one in self.built.timers if one.name == name]
        await timer.run()

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


def path_of(url: str) -> str:
    """The path and query of a link."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def token_of(url: str) -> str:
    """The token in a link."""
    return parse_qs(urlsplit(url).query)["token"][0]
