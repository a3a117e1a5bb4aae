"""G7: the sweep, per due term: beside the same facts by known ids, and beside few that are kept."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import msgspec

from deploy.native.stack import OWNER
from deploy.native.testing import FreshDatabase
from libs.events.codec import encode_event
from libs.events.log import Append
from libs.events.queries import load_queries
from libs.events.vocabulary.retention import RecordDue
from services.retention.main import sweep_of
from tests.bench.contest import Contest
from tests.bench.erasable import NOW, STAMP, STARTED
from tests.bench.place import CHECKPOINT, Place
from tests.bench.retention_copies import Retention, prepared, wired
from tests.bench.slices import Slice
from tests.bench.working import work

SQL = load_queries(Path(__file__).with_name("sweeping.sql"))
KEPT_MANY, KEPT_FEW = 5_000_000, 50_000
DUE, SLICES = 10_000, 24
"""So many fall due in a slice; so many slices are prepared."""
BATCH = 500
"""So many share a transaction of the sweep, and of the yardstick."""
ENDED = msgspec.structs.replace(STARTED, due_at=NOW + timedelta(days=1))


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """So many due terms among very many that run on, and as many among few."""
    async with AsyncExitStack() as opened:
        few = await opened.enter_async_context(_clocks(place, KEPT_FEW))
        many = await opened.enter_async_context(_clocks(place, KEPT_MANY))
        beside_ids = Contest(
            goal="G7",
            row=f"a sweep, {KEPT_MANY:,} terms kept",
            yardstick_is="the same facts written by known ids",
            subject=many.sweep,
            yardstick=many.write_known,
            must=0.6,
            wanted=0.84,
            unit="terms/s",
        )
        beside_few = replace(
            beside_ids,
            yardstick_is=f"a sweep, {KEPT_FEW:,} kept",
            yardstick=few.sweep,
            must=1.5,
            wanted=1.25,
            at_least=False,
            figure=seconds_each,
            unit="s",
        )
        yield [beside_ids, beside_few]


def seconds_each(one: Slice) -> float:
    """What a term cost."""
    return one.seconds_each


@dataclass(frozen=True)
class Clocks:
    """Terms that run on, and others that have ended and wait for their slice."""

    place: Place
    database: FreshDatabase
    service: Retention

    async def sweep(self, _: float) -> Slice:
        """The service's own sweep, run after run, until nothing is due."""
        await self._end(is_found=True)
        swept = sweep_of(self.service.ground)
        return await work(swept.run, float("inf"), servers=self.place.pids("postgres"))

    async def write_known(self, _: float) -> Slice:
        """The facts that a sweep would write: nothing is looked for, read or decided."""
        records = await self._end(is_found=False)
        batches = iter([records[at : at + BATCH] for at in range(0, len(records), BATCH)])
        ground, log = self.service.ground, self.service.log

        async def step() -> int:
            appends = [_due(record) for record in next(batches, ())]
            if appends:
                async with ground.pool.acquire() as connection, connection.transaction():
                    await log.write(connection, appends)
            return len(appends)

        return await work(step, float("inf"), servers=self.place.pids("postgres"))

    async def _end(self, *, is_found: bool) -> list[UUID]:
        async with self.place.owning(self.database.url(OWNER)) as connection:
            rows = await connection.fetch(SQL["end_terms"], DUE, is_found, ENDED.due_at)
        await self.place.run_script(CHECKPOINT)
        return [row["record"] for row in rows]


def _due(record: UUID) -> Append:
    event = RecordDue(category=ENDED.category, clause=ENDED.clause, due_at=ENDED.due_at)
    (fact,) = STAMP.record(record, [], [event])
    return Append(
        record=record,
        expected_version=1,
        recorded=(msgspec.structs.replace(fact, version=2),),
    )


@asynccontextmanager
async def _clocks(place: Place, kept: int) -> AsyncIterator[Clocks]:
    async with prepared(place) as ground:
        async with place.owning(ground.retention.url(OWNER)) as connection:
            await connection.execute(SQL["keep_clocks"], kept)
            due = (DUE * SLICES, encode_event(ENDED), NOW, ENDED.due_at)
            await connection.execute(SQL["keep_due"], *due)
            await connection.execute(SQL["settle"])
        with TemporaryDirectory() as home:
            (Path(home) / "keys").symlink_to(place.stack.keys)
            wiring = wired(place.stack, ground.retention, ground.keyring, Path(home))
            async with wiring as service:
                yield Clocks(place, ground.retention, service)
