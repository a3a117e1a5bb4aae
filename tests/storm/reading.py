"""Reads every store of a healed and drained stack into one dump."""

import gc
from collections import defaultdict
from typing import Any

from deploy.native.stack import OWNER, SERVICES, Stack
from ops.stack_clock import stack_clock
from tests.storm.asking import ask, once, shared_ids, stream
from tests.storm.conservation import VIEWS
from tests.storm.dumps import Dump, Fact, Parked, Place, Row, ServiceDump
from tests.storm.reading_erasures import read_erasing, read_erasures, read_journaled
from tests.storm.reading_terms import (
    read_anchors,
    read_called,
    read_choices,
    read_order_holds,
    read_terms,
)
from tests.storm.reading_topics import read_topics


async def read_everything(stack: Stack) -> Dump:
    """The dump of a stack; nothing is written to do it.

    Why: the collector would walk over millions of objects again and again, and find nothing.
    """
    gc.disable()
    try:
        with shared_ids():
            return await _read_everything(stack)
    finally:
        gc.freeze()
        gc.enable()


async def _read_everything(stack: Stack) -> Dump:
    services = {name: await _read_service(stack, name) for name in SERVICES}
    topics, ends = await read_topics(stack)
    views = {view: await _read_view(stack, owner, view) for view, (owner, _) in VIEWS.items()}
    views["consent_history"] = await _read_view(stack, "consent", "consent_history")
    erasing = await read_erasing(stack)
    return Dump(
        services=services,
        topics=topics,
        ends=ends,
        views=views,
        erased=erasing.erased,
        unreadable=erasing.unreadable,
        erased_by=erasing.erased_by,
        held=erasing.held,
        erasures=await read_erasures(stack),
        keys=await _read_places(stack, "read_keys"),
        holds=await _read_places(stack, "read_holds"),
        situations=await _read_situations(stack),
        terms=await read_terms(stack),
        anchors=await read_anchors(stack),
        called=await read_called(stack),
        order_holds=await read_order_holds(stack),
        choices=await read_choices(stack, "read_choices"),
        choices_now=await read_choices(stack, "read_choices_now"),
        journal=read_journaled(stack),
        now=stack_clock(stack).now(),
    )


async def _read_service(stack: Stack, name: str) -> ServiceDump:
    heard: dict[str, dict[str, int]] = defaultdict(dict)
    held_back: list[Place] = []
    async for row in stream(stack, name, "read_heard"):
        heard[once(row["topic"])][once(row["record"])] = row["last_version"]
        if row["held_back"]:
            held_back.append((row["topic"], row["record"]))
    waiting = (await ask(stack, name, "count_waiting"))[0]
    return ServiceDump(
        log=[_fact(row) async for row in stream(stack, name, "read_log")],
        heard=heard,
        scrubbed=await _read_scrubbed(stack, name),
        held_back=held_back,
        parked=[Parked(**dict(row)) for row in await ask(stack, name, "read_parked")],
        offsets={
            (row["topic"], row["partition"]): row["next_offset"]
            for row in await ask(stack, name, "read_offsets")
        },
        outbox=waiting["outbox"],
        effects=waiting["effects"],
    )


async def _read_scrubbed(stack: Stack, name: str) -> dict[Place, int]:
    return {
        (once(row["record"]), once(row["category"])): row["version"]
        async for row in stream(stack, name, "read_scrubbed")
    }


def _fact(row: Any) -> Fact:
    return Fact(
        event_id=once(row["event_id"]),
        record=once(row["record"]),
        version=row["version"],
        name=once(row["name"]),
        causation_id=once(row["causation_id"]) if row["causation_id"] else None,
        trace=once(row["trace"]) if row["trace"] else None,
        recorded_at=row["recorded_at"],
    )


async def _read_view(stack: Stack, owner: str, view: str) -> list[Row]:
    return [
        Row(once(row["record"]), row["version"], has_box=row["has_box"])
        async for row in stream(stack, owner, f"read_{view}")
    ]


async def _read_places(stack: Stack, query: str) -> frozenset[Place]:
    rows = stream(stack, "keyring", query, role=OWNER)
    return frozenset([(once(row["record"]), once(row["category"])) async for row in rows])


async def _read_situations(stack: Stack) -> dict[Place, str]:
    return {
        (once(row["record"]), once(row["category"])): once(row["state"])
        async for row in stream(stack, "retention", "read_clock")
    }
