"""G8: erasing a record, whatever its past; many at once; and the round that ends their keys."""

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from libs.events.codec import encode_event
from libs.events.effects import EffectsWorker
from libs.events.log import Answer
from libs.events.values import Category
from libs.events.vocabulary.retention import RecordErased
from services.retention.app.handlers import StaffErasures
from services.retention.domain.erasure import STAFF
from tests.bench.contest import Contest
from tests.bench.erasable import NOW, STAMP, keep_keys, keep_quotes, lengthen
from tests.bench.machine import cpu_seconds
from tests.bench.place import CHECKPOINT, Place
from tests.bench.queries import QUERIES
from tests.bench.retention_copies import Prepared, Retention, prepared
from tests.bench.slices import Slice, p50
from tests.bench.working import work

RECORDS, LONG_RECORDS = 2500, 8
LONG_FACTS = 100_000
BATCH = 2000
LIVING_KEYS = 100_000
ONCE_SECONDS = 1e-9
ERASED = RecordErased(
    erasure=STAMP.ids.new(), cause=STAFF, categories=(Category.QUOTE,), unreadable_since=NOW
)


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """Records to erase, a few of them with a very long past; and a keyring full of living keys."""
    async with AsyncExitStack() as opened:
        ground = await opened.enter_async_context(prepared(place))
        records = await keep_quotes(ground, RECORDS)
        await lengthen(ground, records[:LONG_RECORDS], LONG_FACTS)
        full = await opened.enter_async_context(prepared(place))
        (doomed,) = await keep_quotes(full, 1)
        await keep_keys(full, LIVING_KEYS)
        address = opened.enter_context(place.plain_database())
        async with place.owning(address) as connection:
            await connection.execute(QUERIES["create_plain_tables"])
        sides = Erasing(place, ground, full, address, records, doomed)
        yield [sides.one(), sides.long_past(), sides.many(), sides.shred_round()]


@dataclass(frozen=True)
class Erasing:
    """The sides of the four contests."""

    place: Place
    ground: Prepared
    full: Prepared
    plain_address: str
    records: Sequence[UUID]
    doomed: UUID

    def one(self) -> Contest:
        """One record after the other, each until its event is in the outbox."""

        async def subject(seconds: float) -> Slice:
            return await self._erase_each(self.records[LONG_RECORDS:], seconds)

        return Contest(
            goal="G8",
            row="an erasure, until the key is gone and the event in the outbox",
            yardstick_is="one row inserted and committed",
            subject=subject,
            yardstick=self._insert_rows,
            must=2.0,
            wanted=1.5,
            at_least=False,
            figure=p50,
            unit="s",
        )

    def long_past(self) -> Contest:
        """Records with a long past, and as many with a short one."""

        async def subject(_: float) -> Slice:
            return await self._erase_each(self.records[:LONG_RECORDS])

        async def yardstick(_: float) -> Slice:
            return await self._erase_each(self.records[LONG_RECORDS : 2 * LONG_RECORDS])

        return Contest(
            goal="G8",
            row=f"a record with {LONG_FACTS:,} facts",
            yardstick_is="a record with one",
            subject=subject,
            yardstick=yardstick,
            must=1.3,
            wanted=1.1,
            at_least=False,
            figure=p50,
            unit="s",
        )

    def many(self) -> Contest:
        """Many records in one erasure, and each in one of its own, to the end of the step."""

        async def subject(_: float) -> Slice:
            return await self._carry_out([tuple(self.records[-BATCH:])], seconds=ONCE_SECONDS)

        async def yardstick(seconds: float) -> Slice:
            singly = [(record,) for record in self.records[LONG_RECORDS:]]
            return await self._carry_out(singly, seconds)

        return Contest(
            goal="G8",
            row=f"{BATCH:,} records in one erasure",
            yardstick_is="one by one",
            subject=subject,
            yardstick=yardstick,
            must=15,
            wanted=36,
            unit="records/s",
        )

    def shred_round(self) -> Contest:
        """A whole round: new epoch, keys wrapped anew, a copy, the old epoch's end, the fact."""

        async def subject(_: float) -> Slice:
            async with self.full.copied() as service:
                keyring, erasure = service.ground.keyring, STAMP.ids.new()
                await keyring.destroy(self.doomed, erasure=erasure, at=NOW)
                (shred,) = [one for one in service.built.timers if one.name == "shred"]

                async def step() -> int:
                    await shred.run()
                    return LIVING_KEYS

                return await work(step, ONCE_SECONDS, servers=self.place.pids("postgres"))

        async def yardstick(_: float) -> Slice:
            return Slice(operations=1, seconds=1.0)

        return Contest(
            goal="G8",
            row=f"a shred round over {LIVING_KEYS:,} living keys",
            yardstick_is="one key a second",
            subject=subject,
            yardstick=yardstick,
            must=50_000,
            wanted=100_000,
            unit="keys/s",
        )

    async def _erase_each(self, records: Sequence[UUID], seconds: float = math.inf) -> Slice:
        """Each by an erasure of its own; the clock stops when its event is in the outbox."""
        async with self.ground.copied() as service:
            servers = self.place.pids("postgres")
            before, own = cpu_seconds(servers), cpu_seconds([os.getpid()])
            hand = Hand(service)
            began, latencies = time.perf_counter(), list[float]()
            for record in records:
                latencies.append(await hand.erase(record))
                if time.perf_counter() - began > seconds:
                    break
            return Slice(
                operations=len(latencies),
                seconds=sum(latencies),
                client_cpu_seconds=cpu_seconds([os.getpid()]) - own,
                server_cpu_seconds=cpu_seconds(servers) - before,
                latencies_seconds=latencies,
            )

    async def _carry_out(self, batches: Sequence[tuple[UUID, ...]], seconds: float) -> Slice:
        async with self.ground.copied() as service:
            hand, left = Hand(service), iter(batches)

            async def step() -> int:
                records = next(left, ())
                if records:
                    await hand.begin(records)
                    await hand.carry_out()
                return len(records)

            return await work(step, seconds, servers=self.place.pids("postgres"))

    async def _insert_rows(self, seconds: float) -> Slice:
        async with self.place.owning(self.plain_address) as connection:
            await connection.execute(QUERIES["empty_plain_tables"])
        await self.place.run_script(CHECKPOINT)
        data = encode_event(ERASED)
        async with asyncpg.create_pool(self.plain_address, min_size=1) as pool:

            async def step() -> int:
                await pool.execute(QUERIES["insert_plain_outbox"], STAMP.ids.new(), data)
                return 1

            return await work(step, seconds, servers=self.place.pids("postgres"))


class Hand:
    """Begins erasures as the door does, and carries them out as the service's worker does."""

    def __init__(self, service: Retention) -> None:
        """Over a service of which nothing runs by itself."""
        ground = service.ground
        self._log = service.log
        self._erasures = StaffErasures(desk=ground.desk, log=service.log, keyring=ground.keyring)
        self._worker = EffectsWorker(service.log, service.built.effects)

    async def begin(self, records: tuple[UUID, ...]) -> None:
        """What the door of erasures does once it knows the records."""
        erasure = STAMP.ids.new()
        answer = Answer(
            scope="bench",
            key_hash=erasure.bytes,
            fingerprint=erasure.bytes,
            status=202,
            body="{}",
            answered_at=NOW,
        )
        await self._erasures.begin(erasure, records, "the bench asked", answer)

    async def carry_out(self) -> None:
        """One batch of what is owed."""
        await self._worker.work_once()

    async def erase(self, record: UUID) -> float:
        """How many seconds it took until the record's event was in the outbox."""
        began = time.perf_counter()
        await self.begin((record,))
        self._log.appended.clear()
        carrying = asyncio.create_task(self._worker.work_once())
        await self._log.appended.wait()
        took = time.perf_counter() - began
        await carrying
        while await self._worker.work_once():  # what the answers owe
            pass
        return took
