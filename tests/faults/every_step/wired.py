"""Services joined up in a child as their own processes do it, without sockets and timers."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

import services.billing.main as billing
import services.consent.main as consent
import services.quotes.main as quotes
import services.retention.main as retention
from libs.doors.app import make_app
from libs.doors.keys import DoorKeys, read_link_secret
from libs.doors.mail import Mailer
from libs.doors.tokens import TokenVerifier, issue_token
from libs.events.effects import EffectsWorker
from libs.events.inbox import Inbox
from libs.events.postgres_log import PostgresLog
from libs.runtime.declared import Built, Declared
from libs.runtime.ground import Ground, make_ground, make_stamp, open_pools
from libs.runtime.settings import ServiceSettings, SharedSettings
from services.billing.settings import BillingSettings
from services.consent.settings import ConsentSettings
from services.quotes.settings import QuotesSettings
from services.retention.settings import RetentionSettings
from tests.faults.every_step.parts import Parts

Joined = tuple[Declared, ServiceSettings, Callable[[Ground], Built]]
BASE_URL = "http://here"
ROLES = ("staff", "operator", "auditor")


@dataclass
class Wired:
    """One service at work."""

    declared: Declared
    ground: Ground
    built: Built
    log: PostgresLog
    inbox: Inbox

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Write at a door, as somebody who may; gives what it answered."""
        app = self._doors()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL) as http:
            answer = await http.post(path, json=body, headers=self._headers(key))
        assert answer.is_success, answer.text
        return answer.json()

    def _doors(self) -> FastAPI:
        keys = _door_keys(self.ground)
        return make_app("doors", [self.built.router], keys=keys, refusals=self.built.refusals)

    def _headers(self, key: str | None) -> dict[str, str]:
        pem = (self.ground.secrets_dir / "token-signing.pem").read_bytes()
        token = issue_token(pem, name="t", roles=ROLES, now=self.ground.clock.now())
        return {"Idempotency-Key": key or str(uuid4()), "Authorization": f"Bearer {token}"}

    async def carry_out(self) -> int:
        """Carry out the effects that are owed, until none is left that may be begun now."""
        worker, done = EffectsWorker(self.log, self.built.effects), 0
        while more := await worker.work_once():
            done += more
        return done

    async def run_timer(self, name: str) -> None:
        """Let a timer strike once."""
        (timer,) = (one for one in self.built.timers if one.name == name)
        await timer.run()

    async def names(self, record: UUID) -> list[str]:
        """The names of the facts of a record, in order."""
        return [one.name for one in await self.log.load(record)]


@asynccontextmanager
async def wired(parts: Parts, service: str) -> AsyncIterator[Wired]:
    """A service on its parts; its connections are closed at the end, if there is one."""
    declared, settings, build = _JOINED[service](parts.settings(service))
    shared = SharedSettings(home=parts.home, environment="development", clock="movable")
    pools = await open_pools(declared.owner, settings)
    stamp = make_stamp(declared.owner, shared)
    log = PostgresLog(pools.own, declared.owner, views=declared.views, effects=declared.effects)
    ground = make_ground(log, stamp, pools, settings, shared)
    built = build(ground)
    try:
        yield Wired(declared, ground, built, log, Inbox(log, stamp, built.reactions))
    finally:
        await pools.close()


def _door_keys(ground: Ground) -> DoorKeys:
    return DoorKeys(
        clock=ground.clock,
        tokens=TokenVerifier.from_file(ground.secrets_dir / "token-verify.pem"),
        pool=ground.pool,
        secret=read_link_secret(ground.secrets_dir, ground.owner),
    )


def _quotes(told: Mapping[str, Any]) -> Joined:
    settings = QuotesSettings.model_validate(told)
    wiring = quotes.Wiring(
        mailer=Mailer(port=settings.smtp_port), expiry_every_seconds=1, abandoned_every_seconds=1
    )
    return quotes.DECLARED, settings, wiring.build


def _consent(told: Mapping[str, Any]) -> Joined:
    settings = ConsentSettings.model_validate(told)
    wiring = consent.Wiring(mailer=Mailer(port=settings.smtp_port))
    return consent.DECLARED, settings, wiring.build


def _retention(told: Mapping[str, Any]) -> Joined:
    settings = RetentionSettings.model_validate(told)
    return retention.DECLARED, settings, retention.Wiring.from_settings(settings).build


def _billing(told: Mapping[str, Any]) -> Joined:
    settings = BillingSettings.model_validate(told)
    return billing.DECLARED, settings, billing.Wiring(settings).build


_JOINED: Mapping[str, Callable[[Mapping[str, Any]], Joined]] = {
    "quotes": _quotes,
    "consent": _consent,
    "retention": _retention,
    "billing": _billing,
}
