"""`flux3d parked`: messages that could not be taken in: look, try again, or drop with a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer

from deploy.native.stack import SERVICES, Stack
from libs.events.hearing import Reason
from ops.confirmation import DryRun, Yes, confirm
from ops.lengths import show_length
from ops.options import spread
from ops.outcome import Exit
from ops.output import AsJson, show, table
from ops.service_doors import ServiceDoors
from ops.stack_clock import stack_clock

PAGE_ITEMS = 500
RECORDS_AT_ONCE = 100
SEEN = ("first seen", "last seen", "age")
HEADINGS = ("service", "id", "topic", "at", "record", "fact", "reason", *SEEN, "tries")
DROP_HEADINGS = ("service", "id", "topic", "at", "record", "fact", "dropped", "by", "why")

Service = Annotated[str, typer.Argument(help="The service that parked it.")]
Number = Annotated[int, typer.Argument(help="The parked message's number, from the list.")]

REASON_KEYS = {one.value: one.name.lower().replace("_", "-") for one in Reason}

app = typer.Typer(help="Messages that were set aside, and what to do.", no_args_is_help=True)


@app.command("list")
def list_parked(
    service: Annotated[str | None, typer.Argument(help="Only this service.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List what is parked, oldest first; its content stays sealed and unshown."""
    now = stack_clock(Stack.from_environment()).now()
    items = [_aged(one, now) for one in _of_services(service, "/ops/parked")]
    rows = (_row(one) for one in items)
    people = [table(HEADINGS, rows) if items else "Nothing is parked."]
    show({"items": items}, as_json=as_json, people=people)


@app.command("dropped")
def list_dropped(
    service: Annotated[str | None, typer.Argument(help="Only this service.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List what was left out for good: who dropped it, why and when."""
    items = _of_services(service, "/ops/parked/dropped")
    people = [table(DROP_HEADINGS, map(_drop_row, items)) if items else "Nothing was dropped."]
    show({"items": items}, as_json=as_json, people=people)


@app.command()
def resume(
    service: Annotated[str, typer.Argument(help="The service that stopped hearing.")],
    *,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Let a service hear again that stopped because it parked too much; look at the list first."""
    doors = _doors(service)
    confirm(f"Did you look at what {service} parked, and mend the cause?", yes=yes)
    ended = doors.post("/ops/parked/resume")
    parked, recent = ended["parked_messages"], ended["recent_messages"]
    text = f"{service} hears again; it had parked {parked} of {recent} messages"
    show(ended, as_json=as_json, people=[text])


@app.command("show")
def show_parked(service: Service, number: Number, *, as_json: AsJson = False) -> None:
    """Show one parked message: where it came from, and why it could not be taken in."""
    one = _doors(service).get(f"/ops/parked/{number}")
    show(one, as_json=as_json, people=[table(("", ""), one.items())])


class Why(StrEnum):
    """Why a message is parked, as one types it."""

    UNREADABLE = "unreadable"
    NEWER_SCHEMA = "newer-schema"
    HELD_BACK = "held-back"
    GAP = "gap"
    REACTION_FAILED = "reaction-failed"


@dataclass(frozen=True, kw_only=True)
class Again:
    """What may be asked of a retry."""

    service: Service
    number: Annotated[int | None, typer.Argument(help="The message's number, from the list.")] = (
        None
    )
    reason: Annotated[
        Why | None, typer.Option(help="Each record with a message parked for this.")
    ] = None
    all_: Annotated[bool, typer.Option("--all", help="Each record with a parked message.")] = False
    dry_run: DryRun = False
    as_json: AsJson = False


@app.command()
@spread(Again)
def retry(asked: Again) -> None:
    """Take in a message, or many, each with those of its record that wait behind it, in order.

    Ends with 1 when a message parked again.
    """
    if (asked.number is not None) + (asked.reason is not None) + asked.all_ != 1:
        message = "give a number, --reason or --all"
        raise typer.BadParameter(message)
    doors = _doors(asked.service)
    if asked.dry_run:
        data = _meant(doors, asked)
    elif asked.number is None:
        data = _retry_many(doors, asked.reason)
    else:
        data = doors.post(f"/ops/parked/{asked.number}/retry")
    show(data, as_json=asked.as_json, people=[table(("", ""), data.items())])
    again = data.get("parked_again", 0) or data.get("still_parked", 0)
    raise typer.Exit(Exit.NO if again else Exit.FINE)


def _meant(doors: ServiceDoors, asked: Again) -> dict[str, Any]:
    if asked.number is not None:
        return {**doors.get(f"/ops/parked/{asked.number}"), "dry_run": True}
    parked = _pages(doors, "/ops/parked")
    meant = [one for one in parked if asked.reason in (None, REASON_KEYS[one["reason"]])]
    return {"messages": len(meant), "dry_run": True}


def _retry_many(doors: ServiceDoors, reason: str | None) -> dict[str, Any]:
    sums, after = Counter[str](), 0
    while True:
        body = {"reason": reason, "after": after, "limit": RECORDS_AT_ONCE}
        page = doors.post("/ops/parked/retry", body)
        sums.update({name: page[name] for name in ("records", "taken", "parked_again")})
        if page["next"] is None:
            return dict(sums)
        after = page["next"]


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """What may be asked of a drop."""

    service: Service
    number: Number
    reason: Annotated[str, typer.Option(help="Why; it is kept with your name.")]
    dry_run: DryRun = False
    yes: Yes = False
    as_json: AsJson = False


@app.command()
@spread(Dropped)
def drop(asked: Dropped) -> None:
    """Leave the message out for good, and take in what waited behind it."""
    doors, path = _doors(asked.service), f"/ops/parked/{asked.number}"
    if asked.dry_run:
        data = {**doors.get(path), "dry_run": True}
    else:
        confirm(f"Drop message {asked.number} of {asked.service} for good?", yes=asked.yes)
        data = doors.post(f"{path}/drop", {"reason": asked.reason})
    show(data, as_json=asked.as_json, people=[table(("", ""), data.items())])


def _of_services(service: str | None, path: str) -> list[dict[str, Any]]:
    names = [service] if service else SERVICES
    return [{"service": name, **one} for name in names for one in _pages(_doors(name), path)]


def _pages(doors: ServiceDoors, path: str) -> list[dict[str, Any]]:
    items, after = list[dict[str, Any]](), 0
    while True:
        page = doors.get(path, after=after, limit=PAGE_ITEMS)
        items += page["items"]
        if page["next"] is None:
            return items
        after = page["next"]


def _aged(one: dict[str, Any], now: datetime) -> dict[str, Any]:
    age = now - datetime.fromisoformat(one["first_seen_at"])
    return {**one, "age_seconds": max(0, int(age.total_seconds()))}


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    at = f"{one['partition']}:{one['offset']}"
    known = (one["record"], one["name"], f"{one['reason']}: {one['detail']}")
    age = show_length(timedelta(seconds=one["age_seconds"]))
    seen = (one["first_seen_at"], one["last_seen_at"], age, one["retries"])
    return (one["service"], one["parked_id"], one["topic"], at, *known, *seen)


def _drop_row(one: dict[str, Any]) -> tuple[Any, ...]:
    at = f"{one['partition']}:{one['offset']}"
    what = (one["service"], one["parked_id"], one["topic"], at, one["record"], one["name"])
    return (*what, one["dropped_at"], one["by"], one["because"])


def _doors(service: str) -> ServiceDoors:
    if service not in SERVICES:
        message = f"{service!r} is no service; there are {', '.join(SERVICES)}"
        raise typer.BadParameter(message)
    return ServiceDoors(Stack.from_environment(), service)
