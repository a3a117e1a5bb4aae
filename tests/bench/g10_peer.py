"""G10: the log beside pyeventsourcing's recorder on the same Postgres."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import msgspec
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from deploy.native.testing import fresh_database, prepare_templates
from libs.events.clock import FixedClock
from libs.events.handle import Stamp
from libs.events.ids import RealIds
from libs.events.log import Append, Checkpoint
from libs.events.postgres_log import PostgresLog
from libs.events.values import Money, Owner
from libs.events.vocabulary.quotes import QuoteOffered
from tests.bench.contest import Contest
from tests.bench.place import CHECKPOINT, Place
from tests.bench.slices import Slice
from tests.bench.working import work

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STAMP = Stamp(Owner.QUOTES, FixedClock(NOW), RealIds())
OFFER = QuoteOffered(offer=1, amount=Money(cents=123450), valid_until_on=NOW.date())
READ_FACTS, PAGE = 100_000, 1000
PEER = "pyeventsourcing's Postgres recorder"


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """Appends by one and by a hundred, and the catch-up read of a long log."""
    await asyncio.to_thread(prepare_templates, place.stack)
    with place.plain_database() as address:
        logs = Logs(place, address)
        yield [
            logs.contest("append by 1", 1, must=2.5, wanted=3.7),
            logs.contest("append by 100", 100, must=3.0, wanted=5.9),
            logs.reading(must=3.0, wanted=5.9),
        ]


@dataclass(frozen=True)
class Logs:
    """Our log and the peer's, each empty at the start of a slice."""

    place: Place
    address: str

    def contest(self, row: str, size: int, *, must: float, wanted: float) -> Contest:
        """Appends of that many facts, one after the other."""

        async def subject(seconds: float) -> Slice:
            async with self._ours() as log:

                async def step() -> int:
                    await log.append(_append(size))
                    return size

                return await work(step, seconds, servers=self.place.pids("postgres"))

        async def yardstick(seconds: float) -> Slice:
            async with self._theirs() as recorder:

                async def step() -> int:
                    recorder.insert_events(_stored(size))
                    return size

                return await work(step, seconds, servers=self.place.pids("postgres"))

        return Contest(
            goal="G10",
            row=row,
            yardstick_is=PEER,
            subject=subject,
            yardstick=yardstick,
            must=must,
            wanted=wanted,
            unit="facts/s",
        )

    def reading(self, *, must: float, wanted: float) -> Contest:
        """The whole log, page after page, from its beginning."""

        async def subject(_: float) -> Slice:
            async with self._ours() as log:
                for _ in range(READ_FACTS // PAGE):
                    await log.append(_append(PAGE))
                checkpoint = Checkpoint()

                async def step() -> int:
                    nonlocal checkpoint
                    stretch = await log.read_onward(checkpoint)
                    checkpoint = stretch.checkpoint
                    return len(stretch.recorded)

                return await work(step, math.inf, servers=self.place.pids("postgres"))

        async def yardstick(_: float) -> Slice:
            async with self._theirs() as recorder:
                for _ in range(READ_FACTS // PAGE):
                    recorder.insert_events(_stored(PAGE))
                read = 0

                async def step() -> int:
                    nonlocal read
                    page = recorder.select_notifications(start=read + 1, limit=PAGE)
                    read += len(page)
                    return len(page)

                return await work(step, math.inf, servers=self.place.pids("postgres"))

        return Contest(
            goal="G10",
            row="catch-up read",
            yardstick_is=PEER,
            subject=subject,
            yardstick=yardstick,
            must=must,
            wanted=wanted,
            unit="facts/s",
        )

    @asynccontextmanager
    async def _ours(self) -> AsyncIterator[PostgresLog]:
        with fresh_database(self.place.stack, Owner.QUOTES) as database:
            async with asyncpg.create_pool(database.url(), min_size=1, max_size=2) as pool:
                await self.place.run_script(CHECKPOINT)
                yield PostgresLog(pool, Owner.QUOTES)

    @asynccontextmanager
    async def _theirs(self) -> AsyncIterator[PostgresApplicationRecorder]:
        with _recorder(self.address) as recorder:
            await self.place.run_script(CHECKPOINT)
            yield recorder


@contextmanager
def _recorder(address: str) -> Iterator[PostgresApplicationRecorder]:
    parts = urlsplit(address)
    datastore = PostgresDatastore(
        dbname=parts.path[1:],
        host=str(parts.hostname),
        port=int(parts.port or 0),
        user=str(parts.username),
        password=str(parts.password),
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name=f"stored_{uuid4().hex[:8]}")
    recorder.create_table()
    try:
        yield recorder
    finally:
        datastore.close()


def _append(size: int) -> Append:
    record = STAMP.ids.new()
    return Append(
        record=record,
        expected_version=0,
        recorded=tuple(STAMP.record(record, [], (OFFER,) * size)),
    )


def _stored(size: int) -> list[StoredEvent]:
    originator, state = uuid4(), msgspec.json.encode(OFFER)
    return [
        StoredEvent(
            originator_id=originator,
            originator_version=number + 1,
            topic="QuoteOffered",
            state=state,
        )
        for number in range(size)
    ]
