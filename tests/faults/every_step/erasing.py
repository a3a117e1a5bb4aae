"""The flow of an erasure: staff ask for it, and all four services carry it to its certificate.

What a service says is handed to those who hear it in the order it was said, each topic one
partition; relay, Kafka and ear are swept by themselves.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from deploy.native.stack import SERVICES
from libs.events.catalogue import topic_of
from libs.events.postgres_rows import to_recorded
from libs.policy.calendar import local_date
from services.billing.domain.hold import HOLD_REASON
from services.quotes.app.quote_links import QuoteLinks
from tests.faults.every_step.calls import Calls
from tests.faults.every_step.intake import ASKED
from tests.faults.every_step.parts import QUERIES, Parts
from tests.faults.every_step.wired import Wired, wired
from tests.integration.libs.events.pieces import Lying, lying

OFFER_DAYS = 14


@dataclass
class Company:
    """The four services, and how far each has heard the others."""

    services: Mapping[str, Wired]
    calls: Calls
    heard: dict[tuple[str, str], int] = field(default_factory=dict)

    async def start(self) -> None:
        """Each does what it does when everything is there, and learns where it left off."""
        for name, service in self.services.items():
            for act in service.built.at_start:
                await act()
            places = [(topic_of(owner), 0) for owner in service.declared.hears]
            for (topic, _), offset in (await service.inbox.claim(places)).items():
                self.heard[name, topic] = offset

    async def until_quiet(self) -> None:
        """Carry out what is owed and hand over what was said, until nothing is left."""
        while any([await self._step(name) for name in self.services]):
            pass

    async def _step(self, name: str) -> int:
        hearer, done = self.services[name], 0
        done += await hearer.carry_out()
        for owner in hearer.declared.hears:
            topic = topic_of(owner)
            fresh = await self._lying(self.services[owner], self.heard[name, topic])
            if fresh:
                await hearer.inbox.apply(topic, 0, fresh)
                self.heard[name, topic] += len(fresh)
            done += len(fresh)
        return done

    async def _lying(self, speaker: Wired, first: int) -> list[Lying]:
        """What a service said, from the n-th fact on, as it would lie on its topic."""
        with self.calls.uncounted():
            rows = await speaker.ground.pool.fetch(QUERIES["read_from"], first)
        owner = speaker.declared.owner
        messages = lying((to_recorded(row, owner) for row in rows), first=first)
        return [Lying(**{**vars(one), "topic": topic_of(owner)}) for one in messages]


@asynccontextmanager
async def company(parts: Parts, calls: Calls) -> AsyncIterator[Company]:
    """All four services on their parts."""
    async with AsyncExitStack() as opened:
        services = {name: await opened.enter_async_context(wired(parts, name)) for name in SERVICES}
        yield Company(services, calls)


async def erase(parts: Parts, record: UUID, calls: Calls) -> None:
    """Ask for the erasure of a record, as often as it takes, and see it to its end."""
    async with company(parts, calls) as them:
        with calls.counted():
            await them.start()
            body = {"record": str(record)}
            await them.services["retention"].post("/api/erasures", body, key=f"erase-{record}")
            await them.until_quiet()


async def order(parts: Parts, work: tuple[int, Path], calls: Calls) -> None:
    """Let so many quotes become invoiced orders whose holds are over; writes their records down."""
    count, place = work
    async with company(parts, calls) as them:
        await them.start()
        records = [await _completed(them.services["quotes"]) for _ in range(count)]
        await them.until_quiet()
        keyring, now = (billing := them.services["billing"].ground).keyring, billing.clock.now()
        for record in records:
            await keyring.release_hold(record, "billing", HOLD_REASON, at=now)
        place.write_text("\n".join(map(str, records)), encoding="ascii")


async def _completed(quotes: Wired) -> UUID:
    """A quote that was asked for, offered, accepted and delivered."""
    record = UUID((await quotes.post("/api/quotes", ASKED))["id"])
    today_on = local_date(quotes.ground.clock.now())
    until_on = today_on + timedelta(days=OFFER_DAYS)
    offer = {"amount": {"amount": "1234.50"}, "valid_until_on": str(until_on)}
    await quotes.post(f"/api/quotes/{record}/offer", offer)
    await quotes.post(_acceptance_path(quotes, record, until_on))
    await quotes.post(f"/api/quotes/{record}/project/start")
    await quotes.post(f"/api/quotes/{record}/project/completion", {"delivered_on": str(today_on)})
    return record


def _acceptance_path(quotes: Wired, record: UUID, until_on: date) -> str:
    ground = quotes.ground
    links = QuoteLinks(links=ground.links, public_url=ground.public_url, terms=ground.policy.terms)
    url = urlsplit(links.answer_url(record, "acceptance", offer=1, valid_until_on=until_on))
    return f"{url.path}?{url.query}"
