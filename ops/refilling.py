"""Filling a lost topic from the log of the service that owns it, and a lost log from its topic."""

from __future__ import annotations

import asyncio
import time
from importlib import import_module
from typing import Any

from deploy.native.stack import SERVICES, Stack
from deploy.native.topics import Topic, count_messages, make_topic_anew
from ops.log_readers import QUERIES, readers
from ops.outcome import Away, SaidNo
from ops.output import say
from ops.service_doors import ServiceDoors

DRAIN_SECONDS_MAX = 3600.0
LOOK_SECONDS = 0.5


async def look(stack: Stack, topics: list[Topic]) -> list[dict[str, Any]]:
    """How many facts each log has, and how many messages its topic."""
    facts = await _count_facts(stack, topics)
    return await _beside_topics(stack, topics, facts)


def look_when_sent(stack: Stack, topics: list[Topic]) -> list[dict[str, Any]]:
    """The same, once all that was counted is sent; what is said meanwhile lies beyond the count.

    Why:    a fact that is kept between two counts would seem to be missing on its topic.
    Raises: Away, when sending takes too long.
    """
    facts = asyncio.run(_count_facts(stack, topics))
    for topic in topics:
        wait_until_sent(stack, topic.owner)
    return asyncio.run(_beside_topics(stack, topics, facts))


async def _count_facts(stack: Stack, topics: list[Topic]) -> dict[str, int]:
    async with readers(stack, [one.owner for one in topics]) as pools:
        return {name: await pool.fetchval(QUERIES["count_events"]) for name, pool in pools.items()}


async def _beside_topics(
    stack: Stack, topics: list[Topic], facts: dict[str, int]
) -> list[dict[str, Any]]:
    holds = await count_messages(stack.kafka_servers, [one.name for one in topics])
    return [
        {
            "service": one.owner,
            "topic": one.name,
            "facts": facts[one.owner],
            "held": holds[one.name],
        }
        for one in topics
    ]


def refill_topic(stack: Stack, topic: Topic) -> None:
    """Make a topic anew, have its hearers begin there, and let its owner send everything again.

    Shape:  the relay is held from before the topic is made anew until the log is in its outbox,
            so older facts never lie behind newer ones; broken off, it stays held and can be run
            again.
    Raises: Away, SaidNo, StackError.
    """
    owner = ServiceDoors(stack, topic.owner)
    say(f"{topic.name}: the relay is asked to hold")
    owner.post("/ops/relay/hold")
    asyncio.run(make_topic_anew(stack.kafka_servers, topic))
    for service in hearers_of(topic.owner):
        anew = ServiceDoors(stack, service).post("/ops/hearing/anew", {"topic": topic.name})
        say(f"{topic.name}: {service} begins anew ({anew['parked']} parked gave way)")
    added = owner.post("/ops/relay/fill")["added"]
    say(f"{topic.name}: {added} facts are on their way")


def put_back(stack: Stack, service: str, *, dry_run: bool) -> dict[str, Any]:
    """Facts that only the topic still has, counted or put back into the service's log.

    Raises: Away, SaidNo.
    """
    last: dict[str, Any] = {}
    for step in ServiceDoors(stack, service).stream("/ops/log/put-back", {"dry_run": dry_run}):
        last = step
    if last.get("phase") != "done":
        message = f"{service}: {last.get('detail', 'it stopped answering; run it again')}"
        raise SaidNo(message)
    return {"service": service, **last}


def hearers_of(owner: str) -> list[str]:
    """The services that hear what this one says, as they declare it themselves."""
    return [
        one for one in SERVICES if owner in import_module(f"services.{one}.main").DECLARED.hears
    ]


def wait_until_sent(stack: Stack, service: str) -> None:
    """Wait until the outbox of a service is empty but for what Kafka refused.

    Raises: Away, when it takes too long.
    """
    deadline = time.monotonic() + DRAIN_SECONDS_MAX
    while (waiting := _waiting(stack, service)) > 0:
        if time.monotonic() > deadline:
            message = f"{service}: {waiting} facts still wait; see flux3d status"
            raise Away(message)
        time.sleep(LOOK_SECONDS)


def _waiting(stack: Stack, service: str) -> int:
    status = ServiceDoors(stack, service).get("/ops/status")
    return int(status["outbox_rows"] - status["outbox_refused"])
