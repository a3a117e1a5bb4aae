"""A caller of the gateway over TLS that tries again under the same key and notes what it heard."""

import asyncio
import json
import ssl
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from deploy.native.stack import Stack
from libs.doors.keys import read_link_secret
from libs.doors.links import Links
from libs.doors.tokens import issue_token
from libs.events.clock import MovableClock
from tests.storm.history import History, Operation, Outcome, is_unclear, outcome_of
from tests.storm.quiet import Quiet
from tests.storm.wire import HungUp, Wire, with_token

Json = dict[str, Any]
REPLAYED = "idempotency-replayed"
TRIES_MAX = 4
TIMEOUT_SECONDS = 12.0
TOKEN_FOR = timedelta(minutes=30)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
TRY_AGAIN, REPEAT_LATER, REPEAT_AT_ONCE, REUSE = 0.75, 0.05, 0.03, 0.01
AT_ONCE = 3
AWAY = 503
LINKS_FOR = timedelta(days=20)


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request to be made; `kind` names the command, or is `look`."""

    kind: str
    path: str
    body: Json | None = None
    role: str | None = None
    token: str | None = None
    record: str | None = None


@dataclass(frozen=True)
class Said:
    """One answer; status 0 when there was none."""

    status: int
    content: bytes
    headers: tuple[str, ...] = field(default=(), compare=False)

    @property
    def face(self) -> str:
        """What the answer shows to somebody who cannot read it.

        Shape: whether it was given before is left out; whoever repeats a request knows that.
        """
        headers = (one for one in self.headers if one != REPLAYED)
        return f"{self.status}, {len(self.content)} bytes, {' '.join(headers)}"

    @property
    def body(self) -> Json:
        """The answer as JSON."""
        found: Json = json.loads(self.content)
        return found


class Caller:
    """Calls one stack as its visitors, customers and staff."""

    def __init__(self, stack: Stack, history: History) -> None:
        """Trust the stack's certificate, note everything in `history`."""
        context = ssl.create_default_context(cafile=str(stack.gateway_root))
        self._wire = Wire(stack.gateway_url, context)
        self._stack = stack
        self._began = time.monotonic()
        self._tokens: dict[str, tuple[datetime, str]] = {}
        self._links = {
            name: Links(read_link_secret(stack.secrets, name)) for name in ("quotes", "consent")
        }
        self.history = history
        self.quiet = Quiet()
        self.clock = MovableClock(stack.home / "clock.json", reread_seconds=1)

    async def act(self, ask: Ask, draw: Random) -> Said:
        """Ask for a write until it is answered or given up, and note what came of it."""
        async with self.quiet.turn():
            self.history.under_way += 1
            try:
                return await self._act(ask, draw)
            finally:
                self.history.under_way -= 1

    async def _act(self, ask: Ask, draw: Random) -> Said:
        trace, key = f"{draw.getrandbits(128) | 1:032x}", str(UUID(int=draw.getrandbits(128)))
        began = time.monotonic()
        statuses, said = await self._try(ask, draw, trace, key)
        outcome = outcome_of(statuses)
        self.history.note(
            Operation(
                kind=ask.kind,
                trace=trace,
                key=key,
                record=ask.record or _id_in(said),
                outcome=outcome,
                status=said.status,
                tries=len(statuses),
                began_seconds=round(began - self._began, 3),
                took_seconds=round(time.monotonic() - began, 3),
            )
        )
        if outcome is Outcome.OK:
            await self._repeat(ask, draw, key, said)
        return said

    async def look(self, ask: Ask) -> Said:
        """What a door shows; tried once more when it did not answer."""
        self.history.looks += 1
        async with self.quiet.turn():
            said = await self._send("GET", ask)
            return said if not is_unclear(said.status) else await self._send("GET", ask)

    def link(self, service: str, purpose: str, record: str, nonce: str = "") -> str:
        """The token of the link that was mailed to the person."""
        expires_at = self.clock.now() + LINKS_FOR
        return self._links[service].sign(purpose, UUID(record), expires_at=expires_at, nonce=nonce)

    async def close(self) -> None:
        """Hang up."""
        self._wire.close()

    async def _try(self, ask: Ask, draw: Random, trace: str, key: str) -> tuple[list[int], Said]:
        if draw.random() < REPEAT_AT_ONCE:
            return await self._at_once(ask, trace, key)
        statuses: list[int] = []
        while True:
            said = await self._send("POST", ask, trace, key)
            statuses.append(said.status)
            is_last = len(statuses) == TRIES_MAX or draw.random() > TRY_AGAIN
            if not is_unclear(said.status) or is_last:
                return statuses, said
            await asyncio.sleep(draw.uniform(0.2, 2.0))

    async def _at_once(self, ask: Ask, trace: str, key: str) -> tuple[list[int], Said]:
        all_said = await asyncio.gather(
            *(self._send("POST", ask, trace, key) for _ in range(AT_ONCE))
        )
        self.history.repeats += AT_ONCE - 1
        done = [one for one in all_said if outcome_of([one.status]) is Outcome.OK]
        if len({(one.status, one.content) for one in done}) > 1:
            self.history.unequal_answers.append(f"{ask.kind} {key}: repeats at once differ")
        statuses = sorted((one.status for one in all_said), key=lambda one: 200 <= one < 300)
        return statuses, done[0] if done else max(all_said, key=lambda one: one.status)

    async def _repeat(self, ask: Ask, draw: Random, key: str, said: Said) -> None:
        chance = draw.random()
        if chance < REPEAT_LATER:
            again = await self._send("POST", ask, "", key)
            self.history.repeats += 1
            if not is_unclear(again.status) and again != said:
                self.history.unequal_answers.append(
                    f"{ask.kind} {key}: first {said.status}, then {again.status}"
                )
        elif chance < REPEAT_LATER + REUSE:
            other = Ask(**{**_fields(ask), "body": {**(ask.body or {}), "language": "pl"}})
            refused = await self._send("POST", other, "", key)
            self.history.repeats += 1
            if not is_unclear(refused.status) and not 400 <= refused.status < 500:
                self.history.unequal_answers.append(f"{ask.kind} {key}: reused, {refused.status}")

    async def _send(self, method: str, ask: Ask, trace: str = "", key: str = "") -> Said:
        headers = {"Authorization": f"Bearer {self._token(ask.role)}"} if ask.role else {}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"traceparent": f"00-{trace}-{trace[:16]}-01"} if trace else {}
        path = with_token(ask.path, ask.token)
        body = (ask.body or {}) if method == "POST" else None
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                heard = await self._wire.ask(method, path, headers, body)
        except (HungUp, OSError):  # a timeout is one, too
            return Said(0, b"")
        self.history.answers += 1
        if heard.status >= 500 and heard.status != AWAY:
            self.history.broken_doors.append(f"{ask.kind} {key}: {heard.status}")
        return Said(heard.status, heard.content, tuple(sorted(heard.headers)))

    def _token(self, role: str) -> str:
        made_at, token = self._tokens.get(role, (LONG_AGO, ""))
        now = self.clock.now()
        if now - made_at > TOKEN_FOR:
            private_pem = (self._stack.secrets / "token-signing.pem").read_bytes()
            token = issue_token(private_pem, name="storm", roles=[role], now=now)
            self._tokens[role] = (now, token)
        return token


def _fields(ask: Ask) -> Json:
    return {name: getattr(ask, name) for name in Ask.__dataclass_fields__}


def _id_in(said: Said) -> str | None:
    if not 200 <= said.status < 300:
        return None
    found = said.body.get("record") or said.body.get("id")
    return str(found) if found else None
