"""`flux3d replay`: build a view again from Kafka beside the live one, compare, and switch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from typing import Annotated, Any
from uuid import UUID

import typer
from typer.core import TyperGroup

from deploy.native.stack import SERVICES, Stack
from ops.confirmation import Yes, confirm
from ops.lengths import MomentRefused, read_moment
from ops.options import spread
from ops.outcome import Exit, SaidNo
from ops.output import AsJson, say, show, table
from ops.rebuild_report import Bar, keep_report, row, shown_progress
from ops.service_doors import ServiceDoors
from ops.stack_clock import stack_clock

HEADINGS = ("service", "view", "read", "rows live", "rows rebuilt", "digest", "verdict")
ALL = "all"
Service = Annotated[str, typer.Argument(help="The service whose rebuild is meant.")]


class Rebuilds(TyperGroup):
    """`flux3d replay SERVICE …` begins a rebuild; `pause`, `resume` and `cancel` touch it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the words as a rebuild, unless the first is a command of its own."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Rebuilds,
    no_args_is_help=True,
    help="Rebuild views from Kafka: flux3d replay SERVICE [VIEW], see flux3d replay run --help.",
)


class Mode(StrEnum):
    """What is done with the rebuilt view."""

    DRY_RUN = "dry-run"
    VERIFY = "verify"
    SWITCH = "switch"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What may be asked of a rebuild."""

    service: Annotated[str, typer.Argument(help="The service, or all.")]
    view: Annotated[str | None, typer.Argument(help="The view; without it, each in turn.")] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what is heard.")] = False
    verify: Annotated[bool, typer.Option("--verify", help="Rebuild, compare, discard.")] = False
    switch: Annotated[bool, typer.Option("--switch", help="Rebuild, compare, switch.")] = False
    rate: Annotated[float | None, typer.Option(min=0.1, help="Messages per second at most.")] = None
    record: Annotated[UUID | None, typer.Option(help="Count this record only.")] = None
    since: Annotated[str | None, typer.Option(help="Count from this day or instant on.")] = None
    until: Annotated[str | None, typer.Option(help="Count until before it.")] = None
    partition: Annotated[int | None, typer.Option(min=0, help="Count this partition only.")] = None
    from_offset: Annotated[int | None, typer.Option(min=0, help="Count from here on.")] = None
    to_offset: Annotated[int | None, typer.Option(min=0, help="Count until before it.")] = None
    yes: Yes = False
    as_json: AsJson = False

    @property
    def mode(self) -> Mode:
        """The one mode that was asked for; without any, the views are verified."""
        asked = [Mode.DRY_RUN] * self.dry_run + [Mode.SWITCH] * self.switch
        asked += [Mode.VERIFY] * self.verify
        if len(asked) > 1:
            message = "choose one of --dry-run, --verify and --switch"
            raise typer.BadParameter(message)
        return asked[0] if asked else Mode.VERIFY

    def body(self, now: datetime) -> dict[str, Any]:
        """What the service is asked, the view left out."""
        asked = {
            "mode": self.mode,
            "messages_per_second": self.rate,
            "record": str(self.record) if self.record else None,
            "since": _moment(self.since, now),
            "until": _moment(self.until, now),
            "partition": self.partition,
            "from_offset": self.from_offset,
            "to_offset": self.to_offset,
        }
        return {name: value for name, value in asked.items() if value is not None}


@app.command()
@spread(Asked)
def run(asked: Asked) -> None:
    """Rebuild views from Kafka, with side effects off. Ends with 1 when one differs.

    Without an option it verifies: the rebuilt view is compared with the live one and discarded.
    A scope (record, time, offsets) narrows a dry run. The report is kept in the stack's reports.
    """
    mode, wanted = asked.mode, list(_views(asked.service, asked.view))
    if mode is Mode.SWITCH:
        question = f"Put the rebuilt views in place of the live ones ({len(wanted)})?"
        confirm(question, yes=asked.yes)
    stack = Stack.from_environment()
    now = stack_clock(stack).now()
    body = asked.body(now)
    with shown_progress() as bar:
        found = [_rebuild(stack, one, body, bar) for one in wanted]
    kept = keep_report(stack, now, found)
    show({"items": found}, as_json=asked.as_json, people=[table(HEADINGS, map(row, found))])
    say(f"report: {kept}")
    differing = [one for one in found if one["equal"] is False and mode is Mode.VERIFY]
    failed = [one for one in found if one["phase"] != "done"]
    raise typer.Exit(Exit.NO if differing or failed else Exit.FINE)


@app.command()
def pause(service: Service, *, as_json: AsJson = False) -> None:
    """Hold the rebuild under way; the live view goes on."""
    _touch(service, "pause", as_json=as_json)


@app.command()
def resume(service: Service, *, as_json: AsJson = False) -> None:
    """Let a paused rebuild go on."""
    _touch(service, "resume", as_json=as_json)


@app.command()
def cancel(service: Service, *, as_json: AsJson = False) -> None:
    """End the rebuild under way; the live view stays as it is."""
    _touch(service, "cancel", as_json=as_json)


def _moment(text: str | None, now: datetime) -> str | None:
    try:
        return read_moment(text, now=now).isoformat() if text else None
    except MomentRefused as error:
        raise typer.BadParameter(str(error)) from error


def _touch(service: str, act: str, *, as_json: bool) -> None:
    if service not in SERVICES:
        message = f"{service!r} is no service; there are {', '.join(SERVICES)}"
        raise typer.BadParameter(message)
    doors = ServiceDoors(Stack.from_environment(), service)
    under_way = doors.get("/ops/replay")["under_way"]
    if under_way is None:
        message = f"{service}: no rebuild is under way"
        raise SaidNo(message)
    seen = doors.post(f"/ops/replay/{under_way['id']}/{act}")
    show(seen, as_json=as_json, people=[f"{act}: {seen['id']}, {seen['read']} of {seen['total']}"])


def _views(service: str, view: str | None) -> Iterator[tuple[str, str]]:
    """The views that are meant, as the services themselves declare them."""
    if service not in (ALL, *SERVICES):
        message = f"{service!r} is no service; there are {', '.join(SERVICES)}, or all"
        raise typer.BadParameter(message)
    for one in SERVICES if service == ALL else (service,):
        declared = [each.name for each in import_module(f"services.{one}.main").DECLARED.views]
        if view is not None and view not in declared:
            message = f"{one} has no view {view!r}; there are {', '.join(declared)}"
            raise typer.BadParameter(message)
        yield from ((one, name) for name in declared if view in (None, name))


def _rebuild(stack: Stack, one: tuple[str, str], body: dict[str, Any], bar: Bar) -> dict[str, Any]:
    """What became of one view; a rebuild that broke off is told, and kept in the report too."""
    service, view = one
    bar.begin(f"{service}.{view}")
    last: dict[str, Any] = {}
    before: dict[str, Any] = {}
    for step in ServiceDoors(stack, service).stream("/ops/replay", {"view": view, **body}):
        before, last = last, step
        bar.advance(step)
    if last.get("phase") == "done":
        return {"service": service, **last}
    detail = last.get("detail", "the service stopped answering")
    return {"service": service, **before, "phase": "failed", "detail": detail}
