"""The sides of G4, each a process: the ear of a service as deployed, and plain consumers."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from faststream.kafka import KafkaBroker
from pydantic import BaseModel

from libs.events.bus import BATCH_MESSAGES, Ear, make_broker
from libs.events.clock import RealClock
from libs.events.handle import Stamp
from libs.events.ids import RealIds
from libs.events.inbox import Inbox
from libs.events.postgres_log import PostgresLog
from libs.events.telemetry import HEARD
from libs.events.values import Owner
from libs.keyring.cache import KeyCache
from libs.keyring.epoch_keys import FileEpochKeys
from libs.keyring.postgres_keyring import PostgresKeyring
from libs.policy.loader import load_policy
from libs.runtime.ground import CONNECTIONS_MAX, open_pool
from libs.runtime.settings import SharedSettings
from libs.runtime.telemetry import configure_traces
from services.billing.api.bus import make_reactions
from services.billing.main import DECLARED as BILLING
from services.billing.main import hold_rule
from services.billing.store.invoice_series import InvoiceSeries
from tests.bench.apart import Task, run_task
from tests.bench.machine import cpu_seconds
from tests.bench.reading import read_idly
from tests.bench.slices import Slice

LOOK_SECONDS, BEGIN_SECONDS = 0.01, 60.0
Count = Callable[[], int]


class NotHeard(RuntimeError):
    """Nothing was heard in time."""


async def hear_as_billing(task: Task) -> Slice:
    """What quotes said, heard by billing: of these facts each is taken in and none followed."""
    owner = BILLING.owner
    configure_traces(owner, SharedSettings())
    pool = await open_pool(task.database_url, owner, CONNECTIONS_MAX)
    async with pool:
        log = PostgresLog(pool, owner, views=BILLING.views, effects=BILLING.effects)
        # None of these facts has the keyring asked.
        keyring = PostgresKeyring(pool, FileEpochKeys(Path()), KeyCache(time.monotonic))
        stamp = Stamp(owner, RealClock(), RealIds())
        reactions = make_reactions(keyring, hold_rule(load_policy()), InvoiceSeries())
        inbox = Inbox(log, stamp, reactions, topics={task.topic: Owner.QUOTES})
        async with _hearing(inbox, task) as ear:
            return await _measure(_heard, task, ear.failed)


@asynccontextmanager
async def _hearing(inbox: Inbox, task: Task) -> AsyncIterator[Ear]:
    broker = make_broker(task.servers)
    ear = Ear(broker, inbox, group=_group(task), topics=[task.topic])
    await broker.start()
    try:
        ear.attend()
        yield ear
    finally:
        await broker.stop()


def _heard() -> int:
    # Of this metric alone: the registry would read /proc each time.
    samples = [sample for metric in HEARD.collect() for sample in metric.samples]
    counts = [one.value for one in samples if one.name.endswith("_total")]
    return int(sum(counts))


def _group(task: Task) -> str:
    return f"bench-{task.kind}-{os.getpid()}-{time.time_ns()}"


class QuoteRequested(BaseModel):
    """Somebody asked for a price."""

    language: str
    details: str


class Amount(BaseModel):
    """A sum of money."""

    cents: int
    currency: str


class QuoteOffered(BaseModel):
    """A price was offered."""

    offer: int
    amount: Amount
    valid_until_on: date


class QuoteDeclined(BaseModel):
    """The customer said no."""

    offer: int


async def hear_models(task: Task) -> Slice:
    """FastStream as its manual shows it: a list of models comes in, and nothing is done."""
    broker = KafkaBroker(task.servers, logger=None)
    taken = 0

    @broker.subscriber(
        task.topic,
        batch=True,
        max_records=BATCH_MESSAGES,
        group_id=_group(task),
        auto_offset_reset="earliest",
    )
    async def hear(facts: list[QuoteRequested | QuoteOffered | QuoteDeclined]) -> None:
        nonlocal taken
        taken += len(facts)

    await broker.start()
    try:
        return await _measure(lambda: taken, task, asyncio.get_running_loop().create_future())
    finally:
        await broker.stop()


async def _measure(count: Count, task: Task, failed: "asyncio.Future[None]") -> Slice:
    """How fast a count rises from when it first does; the joining of the group is left out."""
    await _until(lambda: count() > 0 or failed.done(), time.perf_counter() + BEGIN_SECONDS)
    began, first = time.perf_counter(), count()
    servers = task.server_pids()
    own, theirs = cpu_seconds([os.getpid()]), cpu_seconds(servers)
    await _until(lambda: count() >= task.messages or failed.done(), began + task.seconds)
    if failed.done():
        failed.result()
    taken, seconds = count() - first, time.perf_counter() - began
    if taken <= 0:
        raise NotHeard(task.kind)
    return Slice(
        operations=taken,
        seconds=seconds,
        client_cpu_seconds=cpu_seconds([os.getpid()]) - own,
        server_cpu_seconds=cpu_seconds(servers) - theirs,
    )


async def _until(met: Callable[[], bool], deadline: float) -> None:
    while not met() and time.perf_counter() < deadline:  # noqa: ASYNC110 - a count, no event, tells it
        await asyncio.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    run_task(
        {
            "billing": hear_as_billing,
            "models": hear_models,
            "idle": read_idly,
        }
    )
