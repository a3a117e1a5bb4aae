"""G6: what a person chose and when, among very many choices; and a page deep in all of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID

from deploy.native.stack import OWNER
from deploy.native.testing import fresh_database, prepare_templates
from libs.events.queries import load_queries
from libs.events.values import Owner
from libs.runtime.ground import open_pools
from libs.runtime.settings import ServiceSettings
from services.consent.store.readers import ConsentReader, HistoryFilter
from services.consent.store.readers import Place as Stand
from tests.bench.contest import Contest, Side
from tests.bench.place import CHECKPOINT, Place
from tests.bench.slices import Slice, p50
from tests.bench.working import work

SQL = load_queries(Path(__file__).with_name("history.sql"))
CHOICES_MANY, CHOICES_FEW = 5_000_000, 500_000
CHOICES_EACH = 10
PAGE_ROWS, PAGES_DEEP = 100, 1000
PEOPLE_ASKED_ABOUT = 2000
BEGUN_AT = datetime(2020, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def contests(place: Place) -> AsyncIterator[Sequence[Contest]]:
    """Two histories, one ten times as long as the other."""
    await asyncio.to_thread(prepare_templates, place.stack)
    async with AsyncExitStack() as opened:
        many = await opened.enter_async_context(_history(place, CHOICES_MANY))
        few = await opened.enter_async_context(_history(place, CHOICES_FEW))
        await place.run_script(CHECKPOINT)
        among = f"among {CHOICES_MANY:,} choices"
        fewer = f"among {CHOICES_FEW:,}"
        yield [
            _contest(f"a timeline {among}", many.timeline, "select 1", many.nothing, (2.0, 1.6)),
            _contest(f"as of a moment {among}", many.as_of, "select 1", many.nothing, (2.0, 1.6)),
            _contest(f"a timeline {among}", many.timeline, fewer, few.timeline, (1.3, 1.2)),
            _contest(f"as of a moment {among}", many.as_of, fewer, few.as_of, (1.3, 1.2)),
            _contest(f"page {PAGES_DEEP:,}", many.deep_page, "page 1", many.first_page, (1.3, 1.1)),
        ]


def _contest(
    row: str, subject: Side, yardstick_is: str, yardstick: Side, lines: tuple[float, float]
) -> Contest:
    must, wanted = lines
    return Contest(
        goal="G6",
        row=row,
        yardstick_is=yardstick_is,
        subject=subject,
        yardstick=yardstick,
        must=must,
        wanted=wanted,
        at_least=False,
        figure=p50,
        unit="s",
    )


@dataclass(frozen=True)
class History:
    """So many choices, and whoever asks for them on the service's own pool."""

    place: Place
    pool: Any
    people: Sequence[UUID]
    deep: Stand
    middle_at: datetime

    async def nothing(self, seconds: float) -> Slice:
        """A bare round trip on the same connection."""
        return await self._ask(lambda _: self.pool.fetchval(SQL["answer_nothing"]), seconds)

    async def timeline(self, seconds: float) -> Slice:
        """All choices of one person after the other."""

        async def ask(person: UUID) -> None:
            page = await self._reader.page_history(HistoryFilter(record=person), Stand(), PAGE_ROWS)
            _check(len(page), CHOICES_EACH)

        return await self._ask(ask, seconds)

    async def as_of(self, seconds: float) -> Slice:
        """What counted for one person after the other at a moment in the middle."""

        async def ask(person: UUID) -> None:
            found = await self._reader.find_choice_at(person, self.middle_at)
            _check(0 if found is None else 1, 1)

        return await self._ask(ask, seconds)

    async def first_page(self, seconds: float) -> Slice:
        """The oldest choices of everybody."""
        return await self._page(Stand(), seconds)

    async def deep_page(self, seconds: float) -> Slice:
        """Choices so many pages on."""
        return await self._page(self.deep, seconds)

    async def _page(self, after: Stand, seconds: float) -> Slice:
        async def ask(_: UUID) -> None:
            _check(
                len(await self._reader.page_history(HistoryFilter(), after, PAGE_ROWS)), PAGE_ROWS
            )

        return await self._ask(ask, seconds)

    async def _ask(self, ask: Callable[[UUID], Awaitable[object]], seconds: float) -> Slice:
        people = cycle(self.people)

        async def step() -> int:
            await ask(next(people))
            return 1

        for _ in range(len(self.people)):  # what is asked about is in memory, whoever asked before
            await step()
        return await work(step, seconds, servers=self.place.pids("postgres"))

    @property
    def _reader(self) -> ConsentReader:
        return ConsentReader(self.pool)


def _check(found: int, expected: int) -> None:
    if found != expected:
        message = f"{found} was found where {expected} is: the slice says nothing"
        raise AssertionError(message)


@asynccontextmanager
async def _history(place: Place, choices: int) -> AsyncIterator[History]:
    people = choices // CHOICES_EACH
    with fresh_database(place.stack, Owner.CONSENT) as database:
        async with place.owning(database.url(OWNER)) as connection:
            await connection.execute(SQL["drop_indexes"])
            await connection.execute(SQL["fill_history"], choices, people, BEGUN_AT)
            await connection.execute(SQL["make_indexes"])
            await connection.execute(SQL["settle"])
            picked = await connection.fetch(SQL["pick_people"], PEOPLE_ASKED_ABOUT)
            deep = await connection.fetchrow(SQL["find_place"], PAGE_ROWS * (PAGES_DEEP - 1))
        pools = await open_pools(Owner.CONSENT, _settings(place, database.url()))
        try:
            yield History(
                place=place,
                pool=pools.own,
                people=[row["record"] for row in picked],
                deep=Stand(*deep),
                middle_at=BEGUN_AT + timedelta(seconds=choices // 2 + people),
            )
        finally:
            await pools.close()


def _settings(place: Place, database_url: str) -> ServiceSettings:
    return ServiceSettings.model_validate(
        {
            "http_port": place.stack.ports.service("consent"),
            "database_url": database_url,
            "keyring_url": place.stack.database_url("consent", "keyring"),
            "kafka_servers": place.stack.kafka_servers,
            "public_url": place.stack.gateway_url,
            "keys_dir": place.stack.keys,
            "secrets_dir": place.stack.secrets,
            "smtp_port": place.stack.ports.smtp,
        }
    )
