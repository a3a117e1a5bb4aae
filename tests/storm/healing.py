"""After the faults: everything is up again, and everything that waits is done."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from deploy.native.programs import EVERYTHING
from deploy.native.readiness import ready
from deploy.native.stack import OWNER, SERVICES, Stack
from libs.policy.calendar import AMSTERDAM, local_date
from ops.measuring import measure
from ops.stack_clock import movable_clock, stack_clock
from tests.storm.asking import ask
from tests.storm.away import AWAY
from tests.storm.operating import shred_what_is_left, trust_the_clock
from tests.storm.processes import NotHit, Processes
from tests.storm.progress import Tell, silent

HEAL_SECONDS = 180.0
STUCK_SECONDS = 300.0
"""How long nothing may become less before draining has failed; leases of the dead take 60 s."""

LOOK_AGAIN_SECONDS = 1.0
TELL_EVERY_LOOKS = 15
PAST_ABANDONED = timedelta(minutes=20)
"""A little longer than quotes waits before it takes back the hold of a lost acceptance."""

MAKERS = ("quotes", "consent")
"""Who makes keys before it says its first fact of a record."""

PAST_TRIED_AGAIN = timedelta(hours=25)
"""A little longer than retention waits before it tries again what it met under a hold."""

CLOCK_SETTLES_SECONDS = 1.0
LATE_HOUR = 20
Waits = dict[str, int]


async def heal(stack: Stack) -> bool:
    """Wait until every part answers; the supervisor brings back what was killed."""

    async def all_ready() -> bool:
        return all([await asyncio.to_thread(ready, stack, name) for name in EVERYTHING])

    return await _wait(all_ready, HEAL_SECONDS)


async def _wait(condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if await condition():
                return True
        except AWAY:
            pass
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return False


async def drain(stack: Stack, tell: Tell = silent) -> bool:
    """Wait until nothing is unsent, unheard, owed, due or under way, and nothing is left over.

    Why: quotes looks for holds of lost acceptances when it starts, and like consent for keys of
         which nothing came; so both are started anew once those are old enough. What an erasure met
         under a hold is tried again a day later.
    """
    _let_pass(stack, PAST_ABANDONED)
    for service in MAKERS:
        await asyncio.to_thread(Processes(stack).kill, service)
    if not await heal(stack):
        return False
    await asyncio.to_thread(trust_the_clock, stack)
    if not await _wait_while_it_goes_on(stack, tell):
        return False
    _let_pass(stack, PAST_TRIED_AGAIN)
    await asyncio.sleep(CLOCK_SETTLES_SECONDS)
    return await _wait_while_it_goes_on(stack, tell)


def _let_pass(stack: Stack, time_passing: timedelta) -> None:
    """Why: days that end while everything is read would let more fall due."""
    clock = movable_clock(stack)
    clock.advance_to(_with_hours_left(clock.now() + time_passing))


def _with_hours_left(instant: datetime) -> datetime:
    local = instant.astimezone(AMSTERDAM)
    if local.hour < LATE_HOUR:
        return instant
    return (local + timedelta(days=1)).replace(hour=0, minute=5).astimezone(UTC)


async def _wait_while_it_goes_on(stack: Stack, tell: Tell) -> bool:
    least, since, looks = float("inf"), time.monotonic(), 0
    waits: Waits = {}
    while time.monotonic() - since < STUCK_SECONDS:
        try:
            waits = (
                await _what_waits(stack)
                or await _what_came_to_nothing(stack)
                or await _what_is_to_shred(stack)
            )
        except (*AWAY, NotHit) as error:
            waits = {f"answer ({type(error).__name__})": 1}
        if not waits:
            return True
        if sum(waits.values()) < least:
            least, since = sum(waits.values()), time.monotonic()
        looks += 1
        if looks % TELL_EVERY_LOOKS == 0:
            tell(f"  still waiting: {waits}")
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    tell(f"stuck with {waits}")
    return False


async def _what_waits(stack: Stack) -> Waits:
    """How much of what still waits; a lag that is not known counts as one."""
    now = stack_clock(stack).now()
    waiting, erasures = await measure(stack, now)
    due = await ask(stack, "retention", "count_due", now)
    ended = await ask(stack, "quotes", "count_ended_offers", local_date(now))
    found = {
        "unsent": sum(_known(one.outbox_rows) for one in waiting),
        "owed": sum(_known(one.effects_waiting) for one in waiting),
        "unheard": sum(sum((one.lag or {"": 1}).values()) for one in waiting),
        "erasures": _known(erasures.under_way),
        "due": due[0]["count"],
        "ended offers": ended[0]["count"],
        "lost holds": await _lost_holds(stack),
    }
    return {name: count for name, count in found.items() if count}


async def _what_came_to_nothing(stack: Stack) -> Waits:
    """Keys without a fact; their maker says `RecordAbandoned`, and they go like all others."""
    left = {row["record"] for row in await ask(stack, "keyring", "read_keys", role=OWNER)}
    for service in SERVICES:
        left -= {row["record"] for row in await ask(stack, service, "read_begun")}
    return {"keys without a fact": len(left)} if left else {}


async def _what_is_to_shred(stack: Stack) -> Waits:
    """What could still be undone; a round that begins says facts, so there is to be none left."""
    left = await asyncio.to_thread(shred_what_is_left, stack)
    return {"to shred": left} if left else {}


def _known(count: int | None) -> int:
    return 1 if count is None else count


async def _lost_holds(stack: Stack) -> int:
    held = {row["record"] for row in await ask(stack, "keyring", "read_holds", role=OWNER)}
    ordered = {row["record"] for row in await ask(stack, "billing", "read_order_register")}
    return len(held - ordered)
