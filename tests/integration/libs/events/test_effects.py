"""What a fact owes to the outside is carried out at least once, and never forgotten."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from deploy.native.testing import FreshDatabase
from libs.events import effects
from libs.events.effects import BACKOFF_SECONDS_MAX, CarryOut, EffectsWorker
from libs.events.errors import Unavailable
from libs.events.log import EFFECTS
from libs.events.postgres_rows import QUERIES as EVENTS
from libs.events.recorded import Recorded
from libs.events.testing.log_conformance import an_append
from libs.events.vocabulary.quotes import ProjectStarted, QuoteDeclined
from tests.integration.libs.events.little import SQL
from tests.integration.libs.events.pieces import Service, running_service, until

SOON_SECONDS = 30.0
OWED: EFFECTS = {ProjectStarted: ("letter", "shelf"), QuoteDeclined: ("letter",)}


class Died(BaseException):
    """The process ends here; nothing in it may catch this."""


@dataclass
class Outside:
    """The world outside, which counts what reached it and is away at times."""

    done: list[tuple[str, UUID]] = field(default_factory=list)
    trouble: dict[str, BaseException] = field(default_factory=dict)

    def carrying(self, name: str) -> CarryOut:
        """How one effect is carried out."""

        async def carry_out(fact: Recorded) -> None:
            if name in self.trouble:
                raise self.trouble[name]
            self.done.append((name, fact.event_id))

        return carry_out


@pytest.fixture
async def owing(quotes_database: FreshDatabase) -> AsyncIterator[Service]:
    """A service whose facts owe effects."""
    async with running_service(quotes_database, effects=OWED) as service:
        yield service


def _worker(service: Service, outside: Outside) -> EffectsWorker:
    effects = {name: outside.carrying(name) for name in ("letter", "shelf")}
    return EffectsWorker(service.log, effects, poll_seconds=0.02)


async def _say(service: Service, times: int = 1) -> list[UUID]:
    appends = [an_append() for _ in range(times)]
    for append in appends:
        await service.log.append(append)
    return [append.recorded[0].event_id for append in appends]


async def test_what_is_owed_is_carried_out_and_forgotten(owing: Service) -> None:
    """Each effect of each fact is carried out, and is owed no more."""
    first, second = await _say(owing, 2)
    outside = Outside()
    assert await _worker(owing, outside).work_once() == 4
    assert sorted(one for _, one in outside.done) == sorted([first, first, second, second])
    assert await owing.rows("list_effects") == []


async def test_one_record_does_not_keep_the_others_waiting(owing: Service) -> None:
    """What one record owes is carried out while what another owes still waits for somebody."""
    await _say(owing, 2)
    both_wait = asyncio.Barrier(2)
    outside = Outside()

    async def wait_for_the_other(_: Recorded) -> None:
        await both_wait.wait()

    effects = {"letter": wait_for_the_other, "shelf": outside.carrying("shelf")}
    async with asyncio.timeout(SOON_SECONDS):
        await EffectsWorker(owing.log, effects).work_once()
    assert await owing.rows("list_effects") == []


async def test_trouble_outside_is_tried_again_later(owing: Service) -> None:
    """An effect that failed stays owed, with its reason, and does not keep the others waiting."""
    await _say(owing)
    outside = Outside(trouble={"letter": Unavailable("the mail server is away")})
    worker = _worker(owing, outside)
    await worker.work_once()
    ((_, name, attempts, reason),) = await owing.rows("list_effects")
    assert (name, attempts, reason) == ("letter", 1, "Unavailable")
    assert [one for one, _ in outside.done] == ["shelf"]
    assert await worker.work_once() == 0


async def test_the_reason_kept_quotes_nothing(owing: Service) -> None:
    """D5: what an error says may be about a person; only its kind is kept."""
    await _say(owing)
    outside = Outside(trouble={"letter": ValueError("noor@voorbeeld.example bounced")})
    await _worker(owing, outside).work_once()
    assert [row[3] for row in await owing.rows("list_effects")] == ["ValueError"]


async def test_it_is_tried_until_it_succeeds(owing: Service) -> None:
    """However often it fails, an effect is never given up; the pause has a ceiling."""
    await _say(owing)
    outside = Outside(trouble={"letter": OSError(), "shelf": OSError()})
    worker = _worker(owing, outside)
    for _ in range(15):
        await owing.log.pool.execute(SQL["make_effects_due"])
        await worker.work_once()
    waits = [row[0] for row in await owing.rows("list_pauses")]
    assert max(waits) <= BACKOFF_SECONDS_MAX
    outside.trouble.clear()
    await owing.log.pool.execute(SQL["make_effects_due"])
    await worker.work_once()
    assert len(outside.done) == 2


async def test_what_waited_longer_than_its_lease_is_left_to_the_next_claim(
    owing: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow outside makes no effect begin twice: one whose lease is over is not begun here."""
    first, second = await _say(owing, 2)
    monkeypatch.setattr(effects, "RECORDS_AT_ONCE", 1)
    monkeypatch.setattr(effects, "LEASE_SECONDS", 0.5)
    outside = Outside()

    async def slow(fact: Recorded) -> None:
        await asyncio.sleep(1)
        outside.done.append(("letter", fact.event_id))

    carried = {"letter": slow, "shelf": outside.carrying("shelf")}
    worker = EffectsWorker(owing.log, carried)
    await worker.work_once()
    assert {one for _, one in outside.done} == {first}
    outside.done.clear()
    monkeypatch.setattr(effects, "LEASE_SECONDS", 60.0)
    await worker.work_once()
    assert second in {one for _, one in outside.done}


async def test_a_worker_that_dies_leaves_it_to_the_next(owing: Service) -> None:
    """What a dead worker had in hand is leased for a while, then carried out by another."""
    (event_id,) = await _say(owing)
    outside = Outside(trouble={"letter": Died(), "shelf": Died()})
    with pytest.raises(Died):
        await _worker(owing, outside).work_once()
    outside.trouble.clear()
    assert await _worker(owing, outside).work_once() == 0
    await owing.log.pool.execute(SQL["make_effects_due"])
    await _worker(owing, outside).work_once()
    assert sorted(outside.done) == [("letter", event_id), ("shelf", event_id)]


async def test_two_workers_share_the_work(owing: Service, quotes_database: FreshDatabase) -> None:
    """Side by side, workers take different effects: nothing is done twice while both live."""
    await _say(owing, 30)
    outside = Outside()
    async with running_service(quotes_database, effects=OWED) as twin:
        workers = [_worker(owing, outside), _worker(twin, outside)]
        while await owing.rows("list_effects"):
            await asyncio.gather(*(worker.work_once() for worker in workers))
    assert len(outside.done) == len(set(outside.done)) == 60


async def test_a_running_worker_finds_what_is_said(owing: Service) -> None:
    """Effects that come up while the worker runs are carried out without anybody asking."""
    outside = Outside()
    task = asyncio.create_task(_worker(owing, outside).run())
    await _say(owing, 3)

    async def all_done() -> bool:
        return len(outside.done) == 6

    await until(all_done)
    task.cancel()


async def test_a_fact_that_was_refused_owes_nothing(owing: Service) -> None:
    """Effects are owed by kept facts only: both are written in one transaction."""
    append = an_append()
    await owing.log.append(append)
    await asyncio.gather(
        *(owing.log.append(an_append(append.record)) for _ in range(3)), return_exceptions=True
    )
    assert len(await owing.rows("list_effects")) == 2


async def test_a_lease_alone_does_not_wait_for_the_disk(owing: Service) -> None:
    """A claim may be forgotten in a crash, as it is made again; what is kept after it may not."""
    await _say(owing)
    async with owing.log.pool.acquire() as connection:
        async with connection.transaction():
            claimed = await connection.fetch(EVENTS["claim_effects"], 10, SOON_SECONDS)
            of_claim = await connection.fetchval(SQL["read_hurry"])
        of_next = await connection.fetchval(SQL["read_hurry"])
    assert (len(claimed), of_claim, of_next) == (2, "off", "on")
