"""The sides of G5, each a process: a rebuild as a service does it, and readers that stop short."""

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from libs.events.postgres_log import PostgresLog
from libs.events.replay import Replay
from libs.events.replay_folding import fold_stretch
from libs.events.replay_run import Run
from libs.events.replay_shadow import Shadow
from libs.events.replay_topic import Spoken, open_stretch
from libs.events.replay_wanted import Scope, Wanted
from libs.events.values import Owner
from libs.runtime.ground import CONNECTIONS_MAX, open_pool
from services.quotes.main import QUOTE_STATUS
from tests.bench.apart import Task, run_task
from tests.bench.machine import cpu_seconds
from tests.bench.reading import read_idly, read_with
from tests.bench.slices import Slice

WANTED = Wanted(view=QUOTE_STATUS.name, mode="verify")


class RebuiltOtherwise(RuntimeError):
    """The rebuilt view is not the live one, so what was measured is worth nothing."""


async def rebuild(task: Task) -> Slice:
    """The whole view from the topic into its twin, caught up, locked and compared with the live."""

    async def act(log: PostgresLog) -> int:
        replay = Replay(log, task.servers, topic=task.topic)
        found = [progress async for progress in replay.run(WANTED)][-1]
        if not found.equal or found.left_out or found.read != task.messages:
            raise RebuiltOtherwise(str(found))
        return found.read

    return await _measured(task, act)


async def fold(task: Task) -> Slice:
    """The topic folded into the twin as it is, empty or full of others' rows."""

    async def act(log: PostgresLog) -> int:
        run, shadow = Run("bench", WANTED), Shadow(log, QUOTE_STATUS)
        async with open_stretch(Spoken(task.servers, task.topic, log.owner), Scope()) as stretch:
            await fold_stretch(run, QUOTE_STATUS, shadow, stretch)
        return run.progress().read

    return await _measured(task, act)


async def _measured(task: Task, act: Callable[[PostgresLog], Awaitable[int]]) -> Slice:
    async with _open_log(task) as log:
        servers = task.server_pids()
        own, theirs = cpu_seconds([os.getpid()]), cpu_seconds(servers)
        began = time.perf_counter()
        read = await act(log)
        return Slice(
            operations=read,
            seconds=time.perf_counter() - began,
            client_cpu_seconds=cpu_seconds([os.getpid()]) - own,
            server_cpu_seconds=cpu_seconds(servers) - theirs,
        )


@asynccontextmanager
async def _open_log(task: Task) -> AsyncIterator[PostgresLog]:
    pool = await open_pool(task.database_url, Owner.QUOTES, CONNECTIONS_MAX)
    async with pool:
        await pool.fetchval("select 1")
        yield PostgresLog(pool, Owner.QUOTES, views=(QUOTE_STATUS,))


class Requested(msgspec.Struct):
    """Somebody asked for a price."""

    language: str
    details: str


class Amount(msgspec.Struct):
    """A sum of money."""

    cents: int
    currency: str


class Offered(msgspec.Struct):
    """A price was offered."""

    offer: int
    amount: Amount
    valid_until_on: date


class Declined(msgspec.Struct):
    """The customer said no."""

    offer: int


DECODERS: dict[bytes, msgspec.json.Decoder[Any]] = {
    b"nl.flux3d.QuoteRequested": msgspec.json.Decoder(Requested),
    b"nl.flux3d.QuoteOffered": msgspec.json.Decoder(Offered),
    b"nl.flux3d.QuoteDeclined": msgspec.json.Decoder(Declined),
}
Fact = tuple[UUID, int, datetime, Any]


async def decode(task: Task) -> Slice:
    """The topic, and of each message what a fold needs: record, version, time and typed data."""
    return await read_with(task, _decode)


def _decode(messages: Sequence[Any]) -> None:
    for message in messages:
        _fact(message)


def _fact(message: Any) -> Fact:
    headers = dict(message.headers)
    return (
        UUID(message.key.decode()),
        int(headers["ce_recordversion"]),
        datetime.fromisoformat(headers["ce_time"].decode()),
        DECODERS[headers["ce_type"]].decode(message.value),
    )


if __name__ == "__main__":
    run_task({"rebuild": rebuild, "fold": fold, "decode": decode, "idle": read_idly})
