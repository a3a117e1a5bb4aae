"""G5: a view rebuilt from its topic, beside reading it and beside decoding it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.native.stack import OWNER
from deploy.native.testing import FreshDatabase, fresh_database
from libs.events.postgres_rows import QUERIES as EVENTS
from libs.events.queries import load_queries
from libs.events.values import Owner
from services.quotes.main import QUOTE_STATUS
from tests.bench.apart import Task, work_apart
from tests.bench.contest import Contest, Side
from tests.bench.place import CHECKPOINT, Place
from tests.bench.quote_stock import QuoteStock, quote_stock
from tests.bench.slices import Slice

MESSAGES, KEYS_PRESENT = 180_000, 3_000_000
SIDES = "tests.bench.rebuilding_sides"
QUERIES = load_queries(Path(__file__).with_name("shadow.sql"))


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """A log of quotes with its live view, and its topic."""
    async with quote_stock(place, MESSAGES) as stock:
        rebuilds = Rebuilds(place, stock)
        async with rebuilds.growing(must=0.85, wanted=0.9) as growing:
            yield [
                rebuilds.contest("idle", "getmany, and nothing done", must=0.22, wanted=0.35),
                rebuilds.contest("decode", "getmany, and msgspec", must=0.5, wanted=0.65),
                growing,
            ]


class FoldedOtherwise(RuntimeError):
    """Not all quotes came into the twin, so what was measured is worth nothing."""


@dataclass(frozen=True)
class Rebuilds:
    """Rebuilds from one topic, and what they are measured by."""

    place: Place
    stock: QuoteStock

    def contest(self, plain: str, plain_is: str, *, must: float, wanted: float) -> Contest:
        """A whole rebuild beside a plain reader."""

        async def subject(seconds: float) -> Slice:
            return await self._work("rebuild", seconds, self.stock.database)

        async def yardstick(seconds: float) -> Slice:
            return await self._work(plain, seconds)

        return Contest(
            goal="G5",
            row="full rebuild of quote_status, equal to the live view",
            yardstick_is=plain_is,
            subject=subject,
            yardstick=yardstick,
            must=must,
            wanted=wanted,
            unit="facts/s",
        )

    @asynccontextmanager
    async def growing(self, *, must: float, wanted: float) -> AsyncIterator[Contest]:
        """The same facts folded into a twin that is full, and into an empty one."""
        kind = (self.place.stack, Owner.QUOTES)
        with fresh_database(*kind) as empty, fresh_database(*kind) as full:
            await self._make_twin(empty, 0)
            await self._make_twin(full, KEYS_PRESENT)
            yield Contest(
                goal="G5",
                row=f"folding into a view of {KEYS_PRESENT:,} rows",
                yardstick_is="folding into an empty one",
                subject=self._folding_into(full),
                yardstick=self._folding_into(empty),
                must=must,
                wanted=wanted,
                unit="facts/s",
            )

    async def _make_twin(self, database: FreshDatabase, rows: int) -> None:
        """An empty twin of the view, or one with many rows of other quotes."""
        async with self.place.owning(database.url()) as service:
            await service.execute(EVENTS["make_shadow"], QUOTE_STATUS.name)
            await service.execute(QUERIES["fill_shadow"], rows)
        await self._vacuum(database)

    def _folding_into(self, database: FreshDatabase) -> Side:
        async def side(seconds: float) -> Slice:
            measured = await self._work("fold", seconds, database)
            await self._check_and_empty(database)
            return measured

        return side

    async def _check_and_empty(self, database: FreshDatabase) -> None:
        first = self.stock.first_record
        async with self.place.owning(database.url()) as service:
            folded = await service.fetchval(QUERIES["count_folded"], first)
            if folded != self.stock.quotes:
                message = f"{folded} of {self.stock.quotes} quotes were folded"
                raise FoldedOtherwise(message)
            await service.execute(QUERIES["empty_shadow"], first)
        await self._vacuum(database)

    async def _vacuum(self, database: FreshDatabase) -> None:
        async with self.place.owning(database.url(OWNER)) as owner:
            await owner.execute(QUERIES["vacuum_shadow"])

    async def _work(
        self, kind: str, seconds: float, database: FreshDatabase | None = None
    ) -> Slice:
        await self.place.run_script(CHECKPOINT)
        task = Task(
            kind=kind,
            seconds=seconds,
            servers=self.place.stack.kafka_servers,
            topic=self.stock.topic,
            messages=self.stock.messages,
            database_url=database.url() if database else "",
            servers_from=tuple(self.place.pids("postgres", "kafka")),
        )
        return await work_apart(SIDES, task)
