"""Calls a whole stack through its gateway as anybody might, and reads what it did."""

import asyncio
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from deploy.native.stack import DATABASES, SERVICES, Stack
from libs.doors.tokens import issue_token
from libs.events.clock import MovableClock
from libs.policy.calendar import local_date
from ops.tour.gateway import split_link
from ops.tour.mailbox import link_with
from ops.tour.telling import wait_for

Json = dict[str, Any]
CANARY = "kiwi-canary-4c7e"
"""Stands in every field that a test sends; no log may hold it."""

PROBLEM = "application/problem+json"
BEGUN = "select count(*) from event where name = any($1) or data::jsonb->>'cause' like 'staff:%'"
BY_CALLERS = (
    *("QuoteRequested", "QuoteOffered", "QuoteAccepted", "QuoteDeclined", "ProjectStarted"),
    *("ProjectCompleted", "ConsentChanged", "RightsRequestReceived", "ErasureRequested"),
)
KEYS = "select count(*) from keyring.record_list"
QUOTE: Json = {
    "name": f"Kiri {CANARY}",
    "email": f"kiri@{CANARY}.example",
    "brief": f"A teapot, {CANARY}.",
    "language": "en",
    "billing_address": {
        "street": f"{CANARY} 1",
        "postal_code": "1015 CJ",
        "city": "Amsterdam",
        "country": "NL",
    },
}
CHOICE: Json = {
    "visitor": "6d00a93e-23b4-408a-8db2-bdcba0ff7657",
    "functional": True,
    "analytical": False,
    "advertisement": False,
    "marketing": False,
    "portfolio": False,
    "source": "banner",
    "notice_version": "1",
    "language": "en",
}
RIGHT: Json = {"right": "erasure", "email": f"kiri@{CANARY}.example"}


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request, to the byte; a write gets an idempotency key unless its headers say otherwise.

    Shape: `content` goes as it is; `target` goes on the wire as it is, dots and all.
    """

    method: str = "POST"
    path: str = "/api/quotes"
    body: Any = None
    content: bytes | None = None
    role: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    target: bytes | None = None


class Anybody:
    """A caller of one stack's gateway that trusts its certificate."""

    def __init__(self, stack: Stack) -> None:
        """Call nothing yet."""
        context = ssl.create_default_context(cafile=str(stack.gateway_root))
        limits = httpx.Limits(max_connections=64)
        self.stack = stack
        self.clock = MovableClock(stack.home / "clock.json", reread_seconds=0)
        self._client = httpx.Client(
            base_url=stack.gateway_url, verify=context, timeout=20, limits=limits
        )

    def send(self, request: Request) -> httpx.Response:
        """What the gateway answers."""
        content = request.content
        if content is None and request.body is not None:
            content = json.dumps(request.body).encode()
        headers = {"Content-Type": "application/json"} if content is not None else {}
        if request.method != "GET":
            headers["Idempotency-Key"] = str(uuid4())
        if request.role:
            headers["Authorization"] = f"Bearer {self.token(request.role)}"
        headers |= request.headers
        return self._client.request(
            request.method,
            request.path,
            content=content,
            headers={name: value for name, value in headers.items() if value},
            extensions={"target": request.target} if request.target else {},
        )

    def post(self, path: str, body: Any = None, *, role: str | None = None) -> httpx.Response:
        """What a write is answered."""
        return self.send(Request(path=path, body=body, role=role))

    def get(self, path: str, *, role: str | None = None) -> httpx.Response:
        """What a look is answered."""
        return self.send(Request(method="GET", path=path, role=role))

    def requested(self, **changes: object) -> str:
        """A new quote."""
        return str(self.post("/api/quotes", QUOTE | changes).json()["id"])

    def offered(self) -> tuple[str, str]:
        """A new quote with an offer, and the token in the offer's letter."""
        quote = self.requested(email=f"{uuid4().hex}@{CANARY}.example")
        day = str(local_date(self.clock.now()) + timedelta(days=30))
        offer = {"amount": {"amount": "100.00"}, "valid_until_on": day}
        assert self.post(f"/api/quotes/{quote}/offer", offer, role="staff").status_code == 200
        return quote, self.letter_link(f"{quote}/acceptance")[1]

    def letter_link(self, part: str) -> tuple[str, str]:
        """Path and token of the mailed link that contains `part`, once it arrived."""
        mailbox = self.stack.mailbox
        return split_link(wait_for(lambda: link_with(mailbox, CANARY, part), f"a letter: {part}"))

    def token(self, role: str, *, ago: timedelta = timedelta(0)) -> str:
        """A token of this role, valid for an hour from a moment on."""
        private_pem = (self.stack.secrets / "token-signing.pem").read_bytes()
        now = self.clock.now() - ago
        return issue_token(private_pem, name="tester", roles=[role], now=now)

    def close(self) -> None:
        """Hang up."""
        self._client.close()


class Databases:
    """The stack's databases as the operator's role may read them."""

    def __init__(self, stack: Stack) -> None:
        """Connect to each."""
        self._runner = asyncio.Runner()
        self._open = {
            name: self.run(asyncpg.connect(stack.database_url("operator", name)))
            for name in DATABASES
        }

    def run(self, waiting: Any) -> Any:
        """What a coroutine gives."""
        return self._runner.run(waiting)

    def value(self, database: str, question: str, *arguments: Any) -> Any:
        """One value out of a database."""
        return self.run(self._open[database].fetchval(question, *arguments))

    def begun(self) -> dict[str, int]:
        """How many facts callers have caused, by log, and how many records have keys.

        Why: what services do upon each other's facts goes on meanwhile, and is not theirs.
        """
        facts = {name: self.value(name, BEGUN, BY_CALLERS) for name in SERVICES}
        return {**facts, "keyring": self.value("keyring", KEYS)}

    def names(self, database: str, record: str) -> list[str]:
        """The facts of a record in one log, by name."""
        question = "select array_agg(name order by version) from event where record = $1"
        return list(self.value(database, question, UUID(record)) or [])

    @contextmanager
    def nothing_done(self) -> Iterator[None]:
        """Sees that what happens inside leaves no fact and no key behind."""
        before = self.begun()
        yield
        after = self.begun()
        assert after == before, f"{before} became {after}"

    def close(self) -> None:
        """Disconnect."""
        for connection in self._open.values():
            self.run(connection.close())
        self._runner.close()


def problem(answer: httpx.Response, status: int, *pointers: str) -> Json:
    """The problem document that an answer is, with these fields named and nothing repeated."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert CANARY not in answer.text.lower()
    document: Json = answer.json()
    assert document["status"] == status
    assert document["title"]
    named = [one["pointer"] for one in document.get("errors", ())]
    assert named == list(pointers)
    assert all(one["detail"] for one in document.get("errors", ()))
    return document


def outside(answer: httpx.Response) -> tuple[object, ...]:
    """What anybody sees of an answer whose words they do not know."""
    fields = [(name, len(str(value))) for name, value in answer.json().items()]
    headers = [(name, value) for name, value in answer.headers.items() if name != "date"]
    return answer.status_code, headers, fields, len(answer.content)


def logs_with(stack: Stack, mark: str) -> list[str]:
    """The logs that hold a text, in any case of its letters."""
    wanted = mark.lower().encode()
    logs = sorted(stack.logs.iterdir())
    return [path.name for path in logs if wanted in path.read_bytes().lower()]
