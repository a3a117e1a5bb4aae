"""The life of one record, told by all services in the order of cause and effect."""

from __future__ import annotations

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from libs.events.database import Pool
from ops.log_readers import QUERIES
from ops.shown_facts import ShownFact, shown_fact

CAUSES_DEEP = 3
Turn = tuple[datetime, str, int]


async def read_story(pools: Mapping[str, Pool], record: UUID) -> list[ShownFact]:
    """Every fact of a record, of the erasures it names, and what caused them, causes first."""
    own = await _everywhere(pools, "events_of_records", [record])
    erasures = {UUID(fact.data["erasure"]) for fact in own if "erasure" in fact.data}
    facts = {fact.event_id: fact for fact in own}
    for fact in await _everywhere(pools, "events_of_records", erasures):
        facts[fact.event_id] = fact
    for _ in range(CAUSES_DEEP):
        missing = {fact.causation_id for fact in facts.values()} - facts.keys() - {None}
        for fact in await _everywhere(pools, "events_by_id", missing):
            facts[fact.event_id] = fact
    return in_causal_order(facts.values())


def in_causal_order(facts: Iterable[ShownFact]) -> list[ShownFact]:
    """The facts so that none stands before its cause or an earlier one of its stream.

    Shape: among those that may come next, the earliest recorded does; clocks of services that
    differ cannot turn cause and effect round.
    """
    by_id = {fact.event_id: fact for fact in facts}
    after, waits = _edges(by_id)
    ready = [_turn(fact) for fact in by_id.values() if not waits[fact.event_id]]
    places = {_turn(fact): fact for fact in by_id.values()}
    heapq.heapify(ready)
    told: list[ShownFact] = []
    while ready:
        fact = places[heapq.heappop(ready)]
        told.append(fact)
        for later in after[fact.event_id]:
            waits[later].discard(fact.event_id)
            if not waits[later]:
                heapq.heappush(ready, _turn(by_id[later]))
    return told


def _edges(
    by_id: Mapping[UUID, ShownFact],
) -> tuple[dict[UUID, list[UUID]], dict[UUID, set[UUID]]]:
    """What comes after each fact, and what each fact waits for."""
    waits: dict[UUID, set[UUID]] = {event_id: set() for event_id in by_id}
    last: dict[tuple[str, UUID], UUID] = {}
    for fact in sorted(by_id.values(), key=lambda one: one.version):
        cause = fact.causation_id
        if cause is not None and cause in by_id and cause != fact.event_id:
            waits[fact.event_id].add(cause)
        stream = (fact.service, fact.record)
        if stream in last:
            waits[fact.event_id].add(last[stream])
        last[stream] = fact.event_id
    after: dict[UUID, list[UUID]] = defaultdict(list)
    for event_id, earlier in waits.items():
        for one in earlier:
            after[one].append(event_id)
    return after, waits


def _turn(fact: ShownFact) -> Turn:
    return fact.recorded_at, fact.service, fact.position


async def _everywhere(
    pools: Mapping[str, Pool], query: str, ids: Collection[UUID | None]
) -> list[ShownFact]:
    if not ids:
        return []
    services = list(pools)
    found = await asyncio.gather(
        *(pools[name].fetch(QUERIES[query], list(ids)) for name in services)
    )
    return [
        shown_fact(name, row) for name, rows in zip(services, found, strict=True) for row in rows
    ]
