"""`flux3d refill`: make a lost topic anew and fill it from the service's log, byte for byte.

Or the other way: `--from-topic` gives a log that was restored alone what only its topic still has.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from deploy.native.stack import SERVICES, Stack
from deploy.native.topics import Topic, declared
from ops.confirmation import DryRun, Yes, confirm
from ops.options import spread
from ops.outcome import SaidNo
from ops.output import AsJson, show, table
from ops.refilling import look, look_when_sent, put_back, refill_topic

ALL = "all"
PUT_BACK_HEADINGS = ("service", "messages read", "unreadable", "lost", "put back")
HEADINGS = ("service", "topic", "facts", "held before", "holds now")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What may be asked of a refill."""

    service: Annotated[str, typer.Argument(help="The service whose topic was lost, or all.")]
    from_topic: Annotated[
        bool, typer.Option("--from-topic", help="Fill the restored log of the service instead.")
    ] = False
    dry_run: DryRun = False
    yes: Yes = False
    as_json: AsJson = False


@spread(Asked)
def refill(asked: Asked) -> None:
    """Fill lost topics again from the logs; hearers drop what they had and take the rest.

    The relay is held, the topic made anew, its hearers told to begin at the beginning, and every
    fact is sent again in order. Nothing is heard twice. Broken off, it can be run again.

    With --from-topic the topic stays: facts on it that the log lacks are put back into the log.
    """
    stack = Stack.from_environment()
    topics = _wanted(asked.service)
    if asked.from_topic:
        return _put_back(stack, asked, topics)
    found = asyncio.run(look(stack, topics))
    if not asked.dry_run:
        confirm(_question(found), yes=asked.yes)
        for topic in topics:
            refill_topic(stack, topic)
        found = _compared(found, look_when_sent(stack, topics))
    show({"items": found}, as_json=asked.as_json, people=[table(HEADINGS, map(_row, found))])
    return None


def _put_back(stack: Stack, asked: Asked, topics: list[Topic]) -> None:
    """Look at every topic first, so that nothing is changed where one log has to refuse."""
    found = [put_back(stack, one.owner, dry_run=True) for one in topics]
    if not asked.dry_run:
        lost = ", ".join(f"{one['service']} ({one['lost']})" for one in found)
        confirm(f"Put facts that only the topic has back into the log: {lost}?", yes=asked.yes)
        found = [put_back(stack, one.owner, dry_run=False) for one in topics]
    rows = [
        (one["service"], one["read"], one["unreadable"], one["lost"], one["put_back"])
        for one in found
    ]
    show({"items": found}, as_json=asked.as_json, people=[table(PUT_BACK_HEADINGS, rows)])


def _wanted(service: str) -> list[Topic]:
    if service not in (ALL, *SERVICES):
        message = f"{service!r} is no service; there are {', '.join(SERVICES)}, or all"
        raise typer.BadParameter(message)
    return [topic for topic in declared() if service in (ALL, topic.owner)]


def _question(found: list[dict[str, Any]]) -> str:
    said = ", ".join(f"{one['topic']} ({one['held']} of {one['facts']})" for one in found)
    return f"Make anew and fill from the logs: {said}?"


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
