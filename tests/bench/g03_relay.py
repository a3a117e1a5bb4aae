"""G3: the relay at a long backlog, beside loops that have nothing to do but send."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg

from deploy.native.stack import OWNER
from deploy.native.testing import FreshDatabase, fresh_database, prepare_templates
from libs.events.own_topic import OwnTopic
from libs.events.postgres_log import PostgresLog
from libs.events.relay import Relay, make_producer
from libs.events.telemetry import RELAYED
from libs.events.values import Owner
from libs.runtime.ground import CONNECTIONS_MAX
from tests.bench.backlog import Backlog
from tests.bench.contest import Contest, Side
from tests.bench.place import CHECKPOINT, Place
from tests.bench.plain_sending import TOPIC, PlainSending, empty_topic, timed
from tests.bench.sent_in_order import check_sent
from tests.bench.slices import Slice, together
from tests.bench.writers import writing

WAITING, WAITING_FEW, WAITING_MANY = 500_000, 50_000, 2_000_000
"""How many facts wait when a slice begins; the two others are the ends of the growth rows."""

IN_MEMORY, CHECKED = 50_000, 20_000
LOOK_SECONDS, WORTH_SECONDS, CHECK_SECONDS = 0.005, 0.1, 120.0


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """A long log, and some of its messages in memory for the plain loops."""
    await asyncio.to_thread(prepare_templates, place.stack)
    with fresh_database(place.stack, Owner.QUOTES) as database:
        backlog = Backlog(database.url(OWNER))
        relaying = Relaying(place, database, backlog)
        await relaying.check()
        await backlog.write(WAITING_MANY)
        plain = PlainSending(place, await backlog.messages(IN_MEMORY))
        row, drain = (
            f"relay, {WAITING:,} facts wait, 8 writers",
            relaying.drain(WAITING, beside=True),
        )
        few, many = relaying.drain(WAITING_FEW), relaying.drain(WAITING_MANY)
        yield [
            _contest(row, "aiokafka `send()` loop", (drain, plain.one_by_one), (1.3, 2.5)),
            _contest(row, "`send_batch` loop", (drain, plain.batch_by_batch), (0.25, 0.4)),
            _growth(WAITING, (relaying.drain(WAITING), few)),
            _growth(WAITING_MANY, (many, few)),
        ]


def _growth(waiting: int, sides: tuple[Side, Side]) -> Contest:
    return _contest(f"relay, {waiting:,} facts wait", f"{WAITING_FEW:,} wait", sides, (0.9, 0.95))


def _contest(
    row: str, beside: str, sides: tuple[Side, Side], lines: tuple[float, float]
) -> Contest:
    return Contest(
        goal="G3",
        row=row,
        yardstick_is=beside,
        subject=sides[0],
        yardstick=sides[1],
        must=lines[0],
        wanted=lines[1],
        unit="facts/s",
    )


@dataclass(frozen=True)
class Relaying:
    """The relay as a service runs it, onto an empty topic."""

    place: Place
    database: FreshDatabase
    backlog: Backlog

    def drain(self, waiting: int, *, beside: bool = False) -> Side:
        """The relay with so many facts to send; a short backlog is filled again and again."""

        async def side(seconds: float) -> Slice:
            done: list[Slice] = []
            async with AsyncExitStack() as open_ones:
                if beside:
                    await open_ones.enter_async_context(writing(self.database.url()))
                while (left := seconds - sum(one.seconds for one in done)) > WORTH_SECONDS:
                    await self._make_ground(waiting)
                    done.append(await self._relay(waiting, left))
            return together(done)

        return side

    async def check(self) -> None:
        """Nothing is skipped and each record keeps its order, with writers beside the relay.

        Raises: NotInOrder.
        """
        await self.backlog.write(CHECKED)
        await self._make_ground(CHECKED)
        async with self._running() as relay:
            async with writing(self.database.url()):
                await self._relayed(relay, CHECKED, CHECK_SECONDS)
            await self.place.drained(self.database.url())
            newest = await self.backlog.newest_versions()
        await check_sent(self.place.stack.kafka_servers, TOPIC, newest)

    async def _make_ground(self, waiting: int) -> None:
        await self.backlog.fill(waiting)
        await empty_topic(self.place)
        await self.place.run_script(CHECKPOINT)

    async def _relay(self, waiting: int, seconds: float) -> Slice:
        async with self._running() as relay:
            return await self._relayed(relay, waiting, seconds)

    async def _relayed(self, relay: Relay, waiting: int, seconds: float) -> Slice:
        while not relay.is_elected:  # noqa: ASYNC110 - the relay tells nobody
            await asyncio.sleep(LOOK_SECONDS)
        before = _count()

        async def look(deadline: float) -> int:
            while _count() - before < waiting and time.perf_counter() < deadline:  # noqa: ASYNC110 - nor here
                await asyncio.sleep(LOOK_SECONDS)
            return _count() - before

        return await timed(self.place, seconds, look)

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[Relay]:
        servers = self.place.stack.kafka_servers
        sizes = {"min_size": 0, "max_size": CONNECTIONS_MAX}
        async with asyncpg.create_pool(self.database.url(), **sizes) as pool:
            log, own_topic = PostgresLog(pool, Owner.QUOTES), OwnTopic(servers, Owner.QUOTES, TOPIC)
            relay = Relay(log, make_producer(servers), topic=TOPIC, own_topic=own_topic)
            running = asyncio.create_task(relay.run())
            try:
                yield relay
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


def _count() -> int:
    """What relays of this process have sent and deleted so far."""
    (metric,) = RELAYED.collect()
    return int(metric.samples[0].value)
