"""G4: the live consumer as deployed, beside a loop that does nothing and FastStream's own way."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass

from deploy.native.testing import fresh_database
from libs.events.values import Owner
from tests.bench.apart import Task, work_apart
from tests.bench.contest import Contest
from tests.bench.place import CHECKPOINT, Place
from tests.bench.quote_stock import QuoteStock, quote_stock
from tests.bench.slices import Slice

MESSAGES = 180_000
"""On the topic; a consumer that comes to the end before its time ends there."""

IDLE = "getmany, and nothing done"
AS_MODELS = "FastStream, list[model], and nothing done"
MUST_IDLE, WANTED_IDLE = 0.15, 0.23
MUST_MODELS, WANTED_MODELS = 2.0, 2.7
SIDES = "tests.bench.hearing_sides"


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """One topic of quotes' facts, heard by each side from its beginning."""
    async with quote_stock(place, MESSAGES) as stock:
        hearers = Hearers(place, stock)
        yield [
            hearers.contest("idle", IDLE, MUST_IDLE, WANTED_IDLE),
            hearers.contest("models", AS_MODELS, MUST_MODELS, WANTED_MODELS),
        ]


@dataclass(frozen=True)
class Hearers:
    """Consumers of one topic, each in a process of its own."""

    place: Place
    stock: QuoteStock

    def contest(self, plain: str, plain_is: str, must: float, wanted: float) -> Contest:
        """Billing's ear beside a plain consumer."""

        async def subject(seconds: float) -> Slice:
            return await self._hear("billing", seconds, Owner.BILLING)

        async def yardstick(seconds: float) -> Slice:
            return await self._hear(plain, seconds)

        return Contest(
            goal="G4",
            row="live consumer: decode, order, progress, offset, parked check",
            yardstick_is=plain_is,
            subject=subject,
            yardstick=yardstick,
            must=must,
            wanted=wanted,
            unit="facts/s",
        )

    async def _hear(self, kind: str, seconds: float, owner: Owner | None = None) -> Slice:
        stack = self.place.stack
        with fresh_database(stack, owner) if owner else nullcontext() as database:
            await self.place.run_script(CHECKPOINT)
            task = Task(
                kind=kind,
                seconds=seconds,
                servers=stack.kafka_servers,
                topic=self.stock.topic,
                messages=self.stock.messages,
                database_url=database.url() if database else "",
                servers_from=tuple(self.place.pids("postgres", "kafka")),
            )
            return await work_apart(SIDES, task)
