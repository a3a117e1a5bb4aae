"""`flux3d parked`: messages that could not be taken in: look, try again, or drop with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from deploy.native.stack import SERVICES, Stack
from ops.confirmation import DryRun, Yes, confirm
from ops.options import spread
from ops.output import AsJson, show, table
from ops.service_doors import ServiceDoors

PAGE_ITEMS = 500
HEADINGS = ("service", "id", "topic", "at", "record", "fact", "reason", "first seen", "tries")

Service = Annotated[str, typer.Argument(help="The service that parked it.")]
Number = Annotated[int, typer.Argument(help="The parked message's number, from the list.")]

app = typer.Typer(help="Messages that were set aside, and what to do.", no_args_is_help=True)


@app.command("list")
def list_parked(
    service: Annotated[str | None, typer.Argument(help="Only this service.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List what is parked, oldest first; its content stays sealed and unshown."""
    items = [one for name in ([service] if service else SERVICES) for one in _all(name)]
    rows = (_row(one) for one in items)
    people = [table(HEADINGS, rows) if items else "Nothing is parked."]
    show({"items": items}, as_json=as_json, people=people)


@app.command("show")
def show_parked(service: Service, number: Number, *, as_json: AsJson = False) -> None:
    """Show one parked message: where it came from, and why it could not be taken in."""
    one = _doors(service).get(f"/ops/parked/{number}")
    show(one, as_json=as_json, people=[table(("", ""), one.items())])


@app.command()
def retry(
    service: Service, number: Number, *, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Take in the message, and those of its record that wait behind it, in their order."""
    doors = _doors(service)
    path = f"/ops/parked/{number}"
    data = {**doors.get(path), "dry_run": True} if dry_run else doors.post(f"{path}/retry")
    show(data, as_json=as_json, people=[table(("", ""), data.items())])


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


def _all(service: str) -> list[dict[str, Any]]:
    doors, items, after = _doors(service), list[dict[str, Any]](), 0
    while True:
        page = doors.get("/ops/parked", after=after, limit=PAGE_ITEMS)
        items += ({"service": service, **one} for one in page["items"])
        if page["next"] is None:
            return items
        after = page["next"]


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    at = f"{one['partition']}:{one['offset']}"
    known = (one["record"], one["name"], f"{one['reason']}: {one['detail']}")
    seen = (one["first_seen_at"], one["retries"])
    return (one["service"], one["parked_id"], one["topic"], at, *known, *seen)


def _doors(service: str) -> ServiceDoors:
    if service not in SERVICES:
        message = f"{service!r} is no service; there are {', '.join(SERVICES)}"
        raise typer.BadParameter(message)
    return ServiceDoors(Stack.from_environment(), service)
