"""`flux3d refill`: make a lost topic anew and fill it from the service's log, byte for byte."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import typer

from deploy.native.stack import SERVICES, Stack
from deploy.native.topics import Topic, count_messages, declared, make_topic_anew
from ops.confirmation import DryRun, Yes, confirm
from ops.log_readers import QUERIES, readers
from ops.options import spread
from ops.outcome import Away, SaidNo
from ops.output import AsJson, say, show, table
from ops.service_doors import ServiceDoors

ALL = "all"
HEADINGS = ("service", "topic", "facts", "held before", "holds now")
DRAIN_SECONDS_MAX = 3600.0
LOOK_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What may be asked of a refill."""

    service: Annotated[str, typer.Argument(help="The service whose topic was lost, or all.")]
    dry_run: DryRun = False
    yes: Yes = False
    as_json: AsJson = False


@spread(Asked)
def refill(asked: Asked) -> None:
    """Fill lost topics again from the logs; hearers drop what they had and take the rest.

    The relay is held, the topic made anew, its hearers told to begin at the beginning, and every
    fact is sent again in order. Nothing is heard twice. Broken off, it can be run again.
    """
    stack = Stack.from_environment()
    topics = _wanted(asked.service)
    found = asyncio.run(_look(stack, topics))
    if not asked.dry_run:
        confirm(_question(found), yes=asked.yes)
        for topic in topics:
            _refill(stack, topic)
        for topic in topics:
            _wait_until_sent(stack, topic.owner)
        found = _compared(found, asyncio.run(_look(stack, topics)))
    show({"items": found}, as_json=asked.as_json, people=[table(HEADINGS, map(_row, found))])


def _wanted(service: str) -> list[Topic]:
    if service not in (ALL, *SERVICES):
        message = f"{service!r} is no service; there are {', '.join(SERVICES)}, or all"
        raise typer.BadParameter(message)
    return [topic for topic in declared() if service in (ALL, topic.owner)]


async def _look(stack: Stack, topics: list[Topic]) -> list[dict[str, Any]]:
    """How many facts each log has, and how many messages its topic."""
    holds = await count_messages(stack.kafka_servers, [one.name for one in topics])
    async with readers(stack, [one.owner for one in topics]) as pools:
        facts = {name: await pool.fetchval(QUERIES["count_events"]) for name, pool in pools.items()}
    return [
        {
            "service": one.owner,
            "topic": one.name,
            "facts": facts[one.owner],
            "held": holds[one.name],
        }
        for one in topics
    ]


def _question(found: list[dict[str, Any]]) -> str:
    said = ", ".join(f"{one['topic']} ({one['held']} of {one['facts']})" for one in found)
    return f"Make anew and fill from the logs: {said}?"


def _refill(stack: Stack, topic: Topic) -> None:
    owner = ServiceDoors(stack, topic.owner)
    say(f"{topic.name}: the relay is asked to hold")
    owner.post("/ops/relay/hold")
    asyncio.run(make_topic_anew(stack.kafka_servers, topic))
    for service in _hearers(topic.owner):
        anew = ServiceDoors(stack, service).post("/ops/hearing/anew", {"topic": topic.name})
        say(f"{topic.name}: {service} begins anew ({anew['parked']} parked gave way)")
    added = owner.post("/ops/relay/fill")["added"]
    say(f"{topic.name}: {added} facts are on their way")


def _hearers(owner: str) -> list[str]:
    """The services that hear what this one says, as they declare it themselves."""
    return [
        one for one in SERVICES if owner in import_module(f"services.{one}.main").DECLARED.hears
    ]


def _wait_until_sent(stack: Stack, service: str) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS_MAX
    while (waiting := _waiting(stack, service)) > 0:
        if time.monotonic() > deadline:
            message = f"{service}: {waiting} facts still wait; see flux3d status"
            raise Away(message)
        time.sleep(LOOK_SECONDS)


def _waiting(stack: Stack, service: str) -> int:
    status = ServiceDoors(stack, service).get("/ops/status")
    return int(status["outbox_rows"] - status["outbox_refused"])


def _compared(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What lies there now beside what lay there before.

    Raises: SaidNo, when a topic holds less than its log.
    """
    for one in after:
        if one["held"] < one["facts"]:
            message = (
                f"{one['topic']} holds {one['held']} of {one['facts']} facts; see the refused "
                "facts in flux3d status, then run it again"
            )
            raise SaidNo(message)
    return [{**now, "held_before": then["held"]} for then, now in zip(before, after, strict=True)]


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    before = one.get("held_before", one["held"])
    return (one["service"], one["topic"], one["facts"], before, one["held"])
