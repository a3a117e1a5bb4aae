"""`flux3d clock`: what time it is for the stack, and moving it where that is allowed."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from deploy.native.stack import Stack
from ops.lengths import WANTED, MomentRefused, read_moment, show_length
from ops.outcome import SaidNo
from ops.output import AsJson, moment, show, table
from ops.service_doors import ServiceDoors
from ops.stack_clock import clock_kind, movable_clock, stack_clock

SETTLE_SECONDS = 0.5
"""Services read the movable clock's file at most every 0.2 s."""

app = typer.Typer(help="Show the stack's clock, or move it.", invoke_without_command=True)


@app.callback()
def clock(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show the stack's clock beside the machine's."""
    if context.invoked_subcommand is None:
        _show(_reading(Stack.from_environment()), as_json=as_json)


@app.command()
def advance(
    to: Annotated[str, typer.Argument(help=f"How far, or where to: {WANTED}.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say where to.")] = False,
    as_json: AsJson = False,
) -> None:
    """Move the clock of a stack that was started with a movable one, and confirm the jump.

    What falls due by then is erased, as it would be if the time had passed.
    """
    stack = Stack.from_environment()
    if clock_kind(stack) != "movable":
        message = (
            f"The stack's clock is {clock_kind(stack) or 'not running'}, not movable. "
            "Nothing was moved; make demo starts a stack with a movable clock"
        )
        raise SaidNo(message)
    began = stack_clock(stack).now()
    target = _target(to, began)
    if not dry_run:
        movable_clock(stack).advance_to(target)
        time.sleep(SETTLE_SECONDS)
    sweep = None if dry_run else _confirm_jump(stack)
    moved = {"from": began, "to": target, "moved": not dry_run, "sweep": sweep}
    _show(_reading(stack) | moved, as_json=as_json)


def _target(text: str, began: datetime) -> datetime:
    try:
        target = read_moment(text, now=began)
    except MomentRefused as error:
        raise typer.BadParameter(str(error)) from error
    if target < began:
        message = f"The clock only moves forward; it is already {moment(began)}"
        raise SaidNo(message)
    return target


def _confirm_jump(stack: Stack) -> dict[str, Any]:
    retention = ServiceDoors(stack, "retention")
    confirmed = retention.post("/api/sweep/confirmation")
    return confirmed | retention.post("/api/sweep")


def _reading(stack: Stack) -> dict[str, Any]:
    machine, now = datetime.now(UTC), stack_clock(stack).now()
    return {
        "kind": clock_kind(stack),
        "now": now,
        "machine": machine,
        "ahead_seconds": round((now - machine).total_seconds()),
    }


def _show(reading: dict[str, Any], *, as_json: bool) -> None:
    ahead = reading["now"] - reading["machine"]
    rows = [
        ("clock", reading["kind"] or "the stack is not running"),
        ("stack", moment(reading["now"])),
        ("machine", f"{moment(reading['machine'])}, {show_length(ahead)} behind"),
    ]
    if reading.get("sweep"):
        rows.append(("sweep", f"jump confirmed, {reading['sweep']['called_due']} terms called due"))
    elif "to" in reading:
        rows.append(("would go to", moment(reading["to"])))
    show(reading, as_json=as_json, people=[table(("", ""), rows)])
