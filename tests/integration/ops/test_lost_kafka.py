"""Kafka loses a topic under a running stack: it is filled from the log, and nobody hears twice."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from typer.testing import Result

from deploy.native.stack import SERVICES, Stack
from deploy.native.topics import count_messages, declared, make_topic_anew
from libs.events.log import Checkpoint
from libs.events.message import to_message
from libs.events.postgres_log import PostgresLog
from libs.events.recorded import Recorded
from libs.events.values import Owner
from tests.integration.libs.events.pieces import Topic
from tests.integration.ops.asking import ask_for_a_quote, within
from tests.journeys.runbook import follow

Flux3d = Callable[..., Result]
pytestmark = pytest.mark.timeout(300)


def data(ended: Result) -> Any:
    """What a command printed as JSON, when it ended well."""
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def names(flux3d: Flux3d, record: str) -> Counter[str]:
    """How often each fact of a record's story was said."""
    ended = flux3d("events", "story", record, "--json")
    items = data(ended)["items"] if ended.exit_code == 0 else []
    return Counter(one["name"] for one in items)


def asked(flux3d: Flux3d, stack: Stack, count: int) -> list[str]:
    """So many requests for a price, each heard by retention."""
    records = [ask_for_a_quote(stack) for _ in range(count)]
    for record in records:
        assert within(lambda record=record: names(flux3d, record)["ClockStarted"])  # type: ignore[misc]  # bound now
    return records


def lose(stack: Stack, *owners: str) -> None:
    """The topics of these services are gone with all they held, and empty ones are there."""
    for topic in declared():
        if topic.owner in owners:
            asyncio.run(make_topic_anew(stack.kafka_servers, topic))


async def facts_of_log(stack: Stack, service: str) -> list[Recorded]:
    """Every fact of a log, by place."""
    async with asyncpg.create_pool(stack.database_url(service, service), min_size=0) as pool:
        log, after, facts = PostgresLog(pool, Owner(service)), Checkpoint(), dict[Any, Recorded]()
        while stretch := await log.read_onward(after):
            facts |= {one.event_id: one for one in stretch.recorded}
            if not stretch.recorded:
                return sorted(facts.values(), key=lambda one: one.position or 0)
            after = stretch.checkpoint
    return []


def by_record(messages: list[Any]) -> dict[bytes, list[tuple[Any, ...]]]:
    """Messages whole, by record in their order."""
    found: dict[bytes, list[tuple[Any, ...]]] = {}
    for one in messages:
        found.setdefault(one.key, []).append((one.key, one.value, one.headers))
    return found


def on_topic(stack: Stack, service: str) -> dict[bytes, list[tuple[Any, ...]]]:
    """What lies on a service's topic."""
    return by_record(asyncio.run(Topic(f"{service}.events", stack.kafka_servers).read()))


def in_log(stack: Stack, service: str) -> dict[bytes, list[tuple[Any, ...]]]:
    """What a service's log would put there."""
    return by_record([to_message(one) for one in asyncio.run(facts_of_log(stack, service))])


def waits_for(stack: Stack, service: str) -> str:
    """What the bus side of a service waits for."""
    waiting: str = (
        httpx.get(f"{stack.service_url(service)}/readyz").json()["waiting_for"].get("bus", "")
    )
    return waiting


def test_lost_topic_is_refilled_while_requests_go_on(flux3d: Flux3d, running: Stack) -> None:
    """P40, F21: nothing is lost, nothing is doubled, and what comes meanwhile is heard as well."""
    before = asked(flux3d, running, 4)
    lying = on_topic(running, "quotes")
    lose(running, "quotes")
    meanwhile = ask_for_a_quote(running)
    assert within(lambda: "flux3d refill" in waits_for(running, "retention"))
    (seen,) = data(flux3d("refill", "quotes", "--dry-run", "--json"))["items"]
    assert seen["held"] < seen["facts"]
    (found,) = data(flux3d("refill", "quotes", "--yes", "--json"))["items"]
    assert found["held"] == found["facts"] == len(before) + 1
    after = on_topic(running, "quotes")
    assert after == in_log(running, "quotes")
    assert {record: after[record] for record in lying} == lying
    later = asked(flux3d, running, 1)
    for record in (*before, meanwhile, *later):
        assert within(lambda record=record: names(flux3d, record)["ClockStarted"])  # type: ignore[misc]  # bound now
        assert names(flux3d, record) == Counter(QuoteRequested=1, ClockStarted=1)
    assert within(lambda: all(not waits_for(running, one) for one in SERVICES))


def test_all_topics_lost_are_refilled_and_views_rebuild_from_them(
    flux3d: Flux3d, running: Stack
) -> None:
    """A whole lost Kafka: every log fills its topic, an erasure under way ends, views are equal."""
    record = asked(flux3d, running, 1)[0]
    lose(running, *SERVICES)
    flux3d("erase", record, "--yes", "--json")
    found = data(flux3d("refill", "all", "--yes", "--json"))["items"]
    assert all(one["held"] >= one["facts"] for one in found)
    assert within(lambda: names(flux3d, record)["ErasureCompleted"] == 1)
    assert within(lambda: all(on_topic(running, one) == in_log(running, one) for one in SERVICES))
    rebuilt = data(flux3d("replay", "all", "--verify", "--json"))["items"]
    assert all(one["equal"] for one in rebuilt)
    assert data(flux3d("parked", "list", "--json"))["items"] == []


def test_runbook_of_a_lost_kafka_mends_it(flux3d: Flux3d, running: Stack, tmp_path: Path) -> None:
    """kafka-lost.md: every command of it, in the situation it is for."""
    records = asked(flux3d, running, 2)
    lose(running, "quotes", "retention")
    assert within(lambda: waits_for(running, "retention") and waits_for(running, "quotes"))
    said = follow("kafka-lost", running, tmp_path, {})
    assert "equal" in said
    assert all(names(flux3d, one) == Counter(QuoteRequested=1, ClockStarted=1) for one in records)


def test_topic_is_not_made_anew_unasked(flux3d: Flux3d, running: Stack) -> None:
    """Where nobody can be asked, and for a service that is none, nothing is touched."""
    asked(flux3d, running, 1)
    held = asyncio.run(count_messages(running.kafka_servers, ["quotes.events"]))
    assert flux3d("refill", "quotes").exit_code == 1
    assert flux3d("refill", "nobody", "--yes").exit_code == 2
    assert asyncio.run(count_messages(running.kafka_servers, ["quotes.events"])) == held
