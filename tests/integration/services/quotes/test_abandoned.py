"""What an acceptance leaves behind when it is not recorded, and that one that is keeps its hold."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from libs.keyring.keyring import Keyring
from libs.keyring.keys import DataKey
from libs.keyring.openings import KeyringUnavailable, ProvisionalHold
from libs.keyring.postgres_keyring import PostgresKeyring
from services.quotes.app.abandoned import ABANDONED_AFTER, take_back_abandoned_holds
from services.quotes.app.handlers import Acceptance, Means, accept_quote, order_hold
from services.quotes.domain.billing_party import PartyGiven
from tests.integration.services.quotes.running import Running
from tests.integration.services.quotes.test_customer_doors import days_on

SECOND = timedelta(seconds=1)
ACCEPTANCE = Acceptance(offer=1, party=PartyGiven())


class Hangs(PostgresKeyring):
    """The real keyring, after whose first answer a process hangs while something happens."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def make_keys(self, record: UUID, **asked: Any) -> dict[str, DataKey]:
        keys = await super().make_keys(record, **asked)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            await meanwhile()
        return keys


class Dies(PostgresKeyring):
    """The real keyring, cut off before anything is taken back."""

    async def take_back_hold(self, hold: ProvisionalHold, *, at: datetime) -> bool:
        message = f"cut off at {at}: record {hold.record} is still held"
        raise KeyringUnavailable(message)


K = TypeVar("K", bound=PostgresKeyring)


def like(running: Running, kind: type[K]) -> K:
    """A keyring of another kind over the same database."""
    real = running.ground.keyring
    assert isinstance(real, PostgresKeyring)
    return kind(real._pool, real._epoch_keys, real._cache)


def means_of(running: Running, keyring: Keyring | None = None) -> Means:
    """What the handlers take from outside, perhaps with another keyring."""
    ground = running.ground
    return Means(
        desk=ground.desk,
        keyring=keyring or ground.keyring,
        blind_index=ground.blind_index,
        policy=ground.policy,
        clock=ground.clock,
    )


async def lost_acceptance(running: Running) -> UUID:
    """A quote whose acceptance made its key and hold, and was lost before its fact."""
    quote = await running.offered(days_on(running, 30))
    await running.ground.keyring.make_keys(
        quote,
        kind="quote",
        categories=["billing"],
        subject=None,
        at=running.clock.now(),
        hold=order_hold(running.ground.policy),
    )
    return quote


async def take_back(running: Running, *, after: timedelta = ABANDONED_AFTER + SECOND) -> None:
    """Let time pass, and the timer run."""
    running.clock.advance_to(running.clock.now() + after)
    await running.run_timer("take_back_abandoned_holds")


async def what_is_held(running: Running, quote: UUID) -> list[str]:
    """What a hold keeps from an erasure that comes now."""
    now = running.clock.now()
    outcome = await running.retention.destroy(quote, erasure=uuid4(), at=now)
    return [one.category for one in outcome.held]


@pytest.mark.policy("5.1.holds")
async def test_lost_acceptance_keeps_nothing_from_an_erasure(running: Running) -> None:
    """After a quarter of an hour its hold is taken back, which is said once."""
    quote = await lost_acceptance(running)
    await take_back(running)
    await take_back(running)
    assert (await running.names(quote)).count("AcceptanceAbandoned") == 1
    assert await what_is_held(running, quote) == []


async def test_young_hold_is_left_alone(running: Running) -> None:
    """An acceptance has a quarter of an hour to be recorded."""
    quote = await lost_acceptance(running)
    await take_back(running, after=ABANDONED_AFTER - timedelta(minutes=1))
    assert (await running.names(quote))[-1] == "QuoteOffered"
    assert await what_is_held(running, quote) == ["billing"]


@pytest.mark.policy("5.1.billing")
async def test_recorded_acceptance_keeps_its_hold(running: Running) -> None:
    """However long billing takes to date it, the hold of an order stands."""
    quote = await running.offered(days_on(running, 30))
    await running.post(await running.answer_path(quote), {})
    await take_back(running, after=timedelta(days=20))
    assert (await running.names(quote))[-1] == "QuoteAccepted"
    assert await what_is_held(running, quote) == ["billing"]


async def test_customer_may_accept_after_all(running: Running) -> None:
    """An acceptance that comes after the hold was taken back is held like any other."""
    quote = await lost_acceptance(running)
    path = await running.answer_path(quote)
    await take_back(running)
    answer = await running.post(path, {})
    await take_back(running)
    assert (answer.status_code, (await running.names(quote))[-1]) == (200, "QuoteAccepted")
    assert await what_is_held(running, quote) == ["billing"]


async def test_hold_is_taken_back_after_a_crash_between_fact_and_keyring(running: Running) -> None:
    """A run that said so and died is finished by the next one."""
    quote = await lost_acceptance(running)
    running.clock.advance_to(running.clock.now() + ABANDONED_AFTER + SECOND)
    dying = replace(means_of(running), keyring=like(running, Dies))
    with pytest.raises(KeyringUnavailable):
        await take_back_abandoned_holds(dying)
    await take_back(running, after=SECOND)
    assert (await running.names(quote)).count("AcceptanceAbandoned") == 1
    assert await what_is_held(running, quote) == []


async def test_slow_acceptance_is_held(running: Running) -> None:
    """One that hangs between its key and its fact, while its hold is taken back, begins again."""
    quote = await running.offered(days_on(running, 30))
    slow = like(running, Hangs)
    slow.meanwhile = lambda: take_back(running)
    await accept_quote(means_of(running, slow), quote, ACCEPTANCE)
    assert (await running.names(quote))[-2:] == ["AcceptanceAbandoned", "QuoteAccepted"]
    assert await what_is_held(running, quote) == ["billing"]


async def race(running: Running) -> tuple[bool, bool]:
    """Accept a quote and take back its old hold at once: whether it is ordered, and held."""
    quote = await lost_acceptance(running)
    path = await running.answer_path(quote)
    running.clock.advance_to(running.clock.now() + ABANDONED_AFTER + SECOND)
    timer = running.run_timer("take_back_abandoned_holds")
    answer, _ = await asyncio.gather(running.post(path, {}), timer)
    held = await what_is_held(running, quote)
    return answer.status_code == 200, held == ["billing"]


async def test_acceptance_that_races_the_timer_is_held(running: Running) -> None:
    """An acceptance that really happened is never without its hold."""
    assert [await race(running) for _ in range(10)] == [(True, True)] * 10
