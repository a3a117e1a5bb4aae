"""People on a whole stack: they ask, order and are erased; staff look at what can still be read."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from deploy.native.stack import SERVICES, Stack
from libs.doors.keys import read_link_secret
from libs.doors.links import Links
from libs.doors.tokens import issue_token
from libs.policy.calendar import local_date
from ops.log_readers import QUERIES
from ops.stack_clock import stack_clock
from ops.tour.operator_hand import OperatorHand
from services.quotes.app.quote_links import OFFER
from tests.integration.ops.asking import within
from tests.storm.wire import with_token

LINKS_FOR = timedelta(days=10)
COMPLETES_SECONDS = 120.0
ROLES = ("staff", "operator")
OK, GONE = 200, 410
Json = dict[str, Any]


@dataclass(frozen=True)
class People:
    """Everyone who has to do with one stack, each door asked at its own service."""

    stack: Stack

    @property
    def operator(self) -> OperatorHand:
        """Who types `flux3d`."""
        return OperatorHand(self.stack)

    def asks(self, email: str, *, name: str = "Wim Canary") -> str:
        """Somebody asks for a price; the record, once retention has heard of it."""
        body: Json = {"name": name, "email": email, "brief": "A teapot, please."}
        body |= {"language": "nl", "billing_address": ADDRESS}
        answer = self.post("quotes", "/api/quotes", body)
        record = str(answer.raise_for_status().json()["id"])
        assert within(lambda: "ClockStarted" in self.facts("retention", record))
        return record

    def is_offered(self, record: str) -> None:
        """Staff send an offer."""
        until_on = local_date(stack_clock(self.stack).now()) + timedelta(days=14)
        amount = {"amount": "150.00", "currency": "EUR"}
        body = {"amount": amount, "valid_until_on": str(until_on)}
        self.post("quotes", f"/api/quotes/{record}/offer", body).raise_for_status()

    def accepts(self, record: str) -> httpx.Response:
        """The customer says yes by the mailed link."""
        expires_at = stack_clock(self.stack).now() + LINKS_FOR
        links = Links(read_link_secret(self.stack.secrets, "quotes"))
        token = links.sign(OFFER, UUID(record), expires_at=expires_at, nonce="1")
        return self.post("quotes", with_token(f"/api/quotes/{record}/acceptance", token))

    def orders(self, email: str) -> str:
        """A request, an offer, an acceptance, and work begun; the record, once it is held."""
        record = self.asks(email)
        self.is_offered(record)
        self.accepts(record).raise_for_status()
        self.post("quotes", f"/api/quotes/{record}/project/start").raise_for_status()
        assert within(lambda: "InvoiceHoldPlaced" in self.facts("billing", record))
        return record

    def invoiced(self, email: str) -> str:
        """An order whose work was delivered; the number of its invoice."""
        record = self.orders(email)
        done = {"delivered_on": str(local_date(stack_clock(self.stack).now()))}
        self.post("quotes", f"/api/quotes/{record}/project/completion", done).raise_for_status()
        return str(within(lambda: self.get("billing", f"/api/orders/{record}").json()["invoice"]))

    def erases(self, record: str, *, key: str | None = None) -> str:
        """Staff begin an erasure; its id."""
        body = {"record": record, "reason": "staff_decision"}
        answer = self.post("retention", "/api/erasures", body, key=key)
        return str(answer.raise_for_status().json()["id"])

    def completed(self, erasure: str) -> Json:
        """The erasure, once it is completed."""

        def look() -> Json | None:
            shown: Json = self.get("retention", f"/api/erasures/{erasure}").json()
            return shown if shown.get("state") == "completed" else None

        return within(look, seconds=COMPLETES_SECONDS) or {}

    def reads(self, record: str) -> bool:
        """Whether staff can read who asked, at the door of quotes."""
        answer = self.get("quotes", f"/api/quotes/{record}")
        assert answer.status_code in (OK, GONE), answer.text
        return answer.status_code == OK and answer.json()["details"] is not None

    def facts(self, service: str, record: str) -> list[str]:
        """The facts of a record in one service's log, by name."""
        return asyncio.run(_facts(self.stack, service, UUID(record)))

    def story(self, record: str) -> list[str]:
        """The facts of a record in all logs, by name."""
        return [name for service in SERVICES for name in self.facts(service, record)]

    def get(self, service: str, path: str) -> httpx.Response:
        """Read at a door as staff and operator."""
        return httpx.get(f"{self.stack.service_url(service)}{path}", headers=self._headers())

    def post(
        self, service: str, path: str, body: Json | None = None, *, key: str | None = None
    ) -> httpx.Response:
        """Write at a door as staff and operator, under an idempotency key."""
        headers = {**self._headers(), "Idempotency-Key": key or str(uuid4())}
        url = f"{self.stack.service_url(service)}{path}"
        return httpx.post(url, json=body or {}, headers=headers, timeout=30)

    def _headers(self) -> dict[str, str]:
        private_pem = (self.stack.secrets / "token-signing.pem").read_bytes()
        now = stack_clock(self.stack).now()
        token = issue_token(private_pem, name="people", roles=ROLES, now=now)
        return {"Authorization": f"Bearer {token}"}


ADDRESS = {
    "street": "Damrak 1",
    "postal_code": "1012 LG",
    "city": "Amsterdam",
    "country": "NL",
}


async def _facts(stack: Stack, service: str, record: UUID) -> list[str]:
    connection = await asyncpg.connect(stack.database_url("operator", service))
    try:
        rows = await connection.fetch(QUERIES["events_of_records"], [record])
    finally:
        await connection.close()
    return [row["name"] for row in rows]
