"""`flux3d status`: what runs, what waits, what is parked, what is being erased."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import typer
from rich.table import Table

from deploy.native.stack import Stack
from deploy.native.status import PartStatus
from deploy.native.status import status as parts_of
from ops.measuring import Erasures, Waiting, measure
from ops.outcome import Exit
from ops.output import AsJson, moment, show, table
from ops.stack_clock import stack_clock

PARTS = ("part", "state", "ready", "up", "memory")
OUTBOX_AGE_SECONDS_MAX = 60.0
"""A fact that waits longer is held up by something, though Kafka is there. Source: F33."""

WAITS = ("service", "outbox", "oldest", "refused", "lag", "parked", "effects")


def status(*, as_json: AsJson = False) -> None:
    """Show processes, lag, what waits, is parked or stopped, and erasures under way.

    Ends with 3 when a part does not run or answer, and with 1 when something is parked or refused,
    a log lies behind its topic, a fact waits for longer than a minute to be sent, or an owner has
    not answered an erasure in time.
    """
    stack = Stack.from_environment()
    now = stack_clock(stack).now()
    parts = parts_of(stack)
    waiting, erasures = asyncio.run(measure(stack, now))
    data = {
        "now": now,
        "home": str(stack.home),
        "processes": parts,
        "services": waiting,
        "erasures": erasures,
    }
    stopped = [f"{one.service}: {one.hearing_stopped}" for one in waiting if one.hearing_stopped]
    behind = [f"{one.service}: {one.log_is_behind}" for one in waiting if one.log_is_behind]
    late = [_late(one) for one in waiting if _is_late(one)]
    going = [_going(erasures), *stopped, *behind, *late, f"It is {moment(now)}."]
    people = [_parts(parts), "", _waits(waiting), "", *going]
    show(data, as_json=as_json, people=people)
    raise typer.Exit(verdict(parts, waiting, erasures))


def verdict(parts: Sequence[PartStatus], waiting: Sequence[Waiting], erasures: Erasures) -> Exit:
    """How the command ends: with what an operator has to look at, the worst first."""
    if not parts or not all(part.ready for part in parts) or any(one.away for one in waiting):
        return Exit.AWAY
    stuck = any(
        one.parked
        or one.outbox_refused
        or one.hearing_stopped
        or one.log_is_behind
        or _is_late(one)
        for one in waiting
    )
    return Exit.NO if stuck or erasures.asked_again else Exit.FINE


def _is_late(one: Waiting) -> bool:
    return (one.outbox_age_seconds or 0.0) > OUTBOX_AGE_SECONDS_MAX


def _late(one: Waiting) -> str:
    return f"{one.service}: a fact has waited {one.outbox_age_seconds} s to be sent."


def _parts(parts: Sequence[PartStatus]) -> Table | str:
    if not parts:
        return "Nothing is running. Start it with: make up"
    rows = (
        (one.name, one.state, "yes" if one.ready else "no", f"{one.seconds_up} s", _memory(one))
        for one in parts
    )
    total = sum(one.memory_megabytes for one in parts)
    return table(PARTS, [*rows, ("", "", "", "", f"{total} MB")])


def _memory(part: PartStatus) -> str:
    return f"{part.memory_megabytes} MB"


def _waits(waiting: Sequence[Waiting]) -> Table:
    return table(WAITS, (_row(one) for one in waiting))


def _row(one: Waiting) -> tuple[object, ...]:
    if one.away:
        return (one.service, one.away)
    return (
        one.service,
        one.outbox_rows,
        f"{one.outbox_age_seconds} s",
        one.outbox_refused,
        _by_topic(one.lag, unknown="Kafka is away"),
        _by_topic(one.parked, unknown=""),
        one.effects_waiting,
    )


def _by_topic(counts: dict[str, int] | None, *, unknown: str) -> str:
    if counts is None:
        return unknown
    some = (f"{topic} {count}" for topic, count in sorted(counts.items()) if count)
    return ", ".join(some) or "0"


def _going(erasures: Erasures) -> str:
    if erasures.under_way is None:
        return "Erasures: not known, retention's database is away."
    if erasures.oldest_at is None:
        return "Erasures: none under way."
    since = moment(erasures.oldest_at)
    going = f"Erasures: {erasures.under_way} under way, the oldest since {since}"
    missed = erasures.asked_again
    return (
        f"{going}; owners of {missed} were asked again for their answer." if missed else f"{going}."
    )
