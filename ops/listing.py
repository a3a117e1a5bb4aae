"""The newest facts of several logs as one list that can be paged without losing one."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from libs.events.database import Pool
from ops.log_readers import QUERIES
from ops.shown_facts import ShownFact, shown_fact

END = 2**62


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which facts; what is not given is not asked for."""

    record: UUID | None = None
    names: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


class Looked(msgspec.Struct, frozen=True):
    """How far one log goes, and down to which place it was shown.

    Shape: `down_to` is none where nothing older is left that matches.
    """

    service: str
    first: int
    last: int
    down_to: int | None


class Listing(msgspec.Struct, frozen=True):
    """A page of facts, oldest first, where it looked, and how to go further back."""

    items: list[ShownFact]
    looked: list[Looked]
    before: str | None


class CursorRefused(ValueError):
    """The text is not a place that a listing gave."""


async def list_newest(
    pools: Mapping[str, Pool], wanted: Wanted, *, before: Mapping[str, int], limit: int
) -> Listing:
    """The newest facts of these logs before some places; a log without a place is left out.

    Why: each log is shown from its end without a hole, so one place per log is where to go on.
    """
    services = [name for name in pools if name in before or not before]
    found = await asyncio.gather(
        *(_newest(name, pools[name], wanted, before.get(name, END), limit) for name in services)
    )
    merged = heapq.merge(*found, key=lambda fact: fact.recorded_at, reverse=True)
    items = [fact for fact, _ in zip(merged, range(limit), strict=False)]
    looked = [
        await _looked(pools[name], name, rows, items)
        for name, rows in zip(services, found, strict=True)
    ]
    return Listing(items[::-1], looked, _cursor(looked))


def read_cursor(text: str | None) -> dict[str, int]:
    """The places in a cursor, as `quotes:41,billing:7`.

    Raises: CursorRefused.
    """
    try:
        pairs = [one.split(":") for one in text.split(",")] if text else []
        return {service: int(position) for service, position in pairs}
    except ValueError as error:
        message = "write the place as a listing gave it, like quotes:41,billing:7"
        raise CursorRefused(message) from error


async def _newest(
    service: str, pool: Pool, wanted: Wanted, before: int, limit: int
) -> list[ShownFact]:
    names = list(wanted.names) if wanted.names else None
    arguments = (before, wanted.record, names, wanted.since, wanted.until, limit + 1)
    rows = await pool.fetch(QUERIES["newest_events"], *arguments)
    return [shown_fact(service, row) for row in rows]


async def _looked(
    pool: Pool, service: str, found: Sequence[ShownFact], shown: Sequence[ShownFact]
) -> Looked:
    reach = await pool.fetchrow(QUERIES["measure_log"])
    places = {fact.position for fact in shown if fact.service == service}
    left = [fact.position for fact in found if fact.position not in places]
    # The next page begins with the newest that was found and not shown.
    down_to = max(left) + 1 if left else None
    return Looked(service, reach["first"], reach["last"], down_to)


def _cursor(looked: Sequence[Looked]) -> str | None:
    going_on = [f"{one.service}:{one.down_to}" for one in looked if one.down_to is not None]
    return ",".join(going_on) or None
