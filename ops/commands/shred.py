"""`flux3d shred`: make what was destroyed unrecoverable now, and show how that goes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.native.stack import Stack
from ops.confirmation import DryRun, Yes, confirm
from ops.options import spread
from ops.outcome import Exit
from ops.output import AsJson, show, stderr, table
from ops.service_doors import Json, ServiceDoors

POLL_SECONDS = 0.3
DOOR = "/api/shred"
QUESTION = (
    "End the epoch of every destroyed key now? Older keyring backups open nothing afterwards."
)
STATES = ("begun", "opened", "rewrapped", "backed_up", "destroyed", "told")
SAID = {
    "begun": "making a new epoch key",
    "opened": "wrapping living keys anew",
    "rewrapped": "copying the keyring and reading the copy back",
    "backed_up": "destroying the old epoch key",
    "destroyed": "telling what is unrecoverable",
    "told": "done",
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What may be asked of a shred round."""

    wait_seconds: Annotated[int, typer.Option(min=0, help="How long to wait for its end.")] = 600
    dry_run: DryRun = False
    yes: Yes = False
    as_json: AsJson = False


@spread(Asked)
def shred(asked: Asked) -> None:
    """Begin a shred round and follow it; --dry-run shows what could still be recovered.

    Ends with 1 when the round is not over in the time given; retention carries it on by itself.
    """
    retention = ServiceDoors(Stack.from_environment(), "retention")
    seen = retention.get(DOOR)
    is_over = True
    if not asked.dry_run:
        confirm(QUESTION, yes=asked.yes or not seen["recoverable"])
        begun = retention.post(DOOR)["round"]
        if begun is not None:
            seen = _follow(retention, begun, asked.wait_seconds)
            is_over = seen["round"] != begun or seen["state"] == STATES[-1]
    show(
        seen | {"dry_run": asked.dry_run},
        as_json=asked.as_json,
        people=[table(("", ""), seen.items())],
    )
    raise typer.Exit(Exit.FINE if is_over else Exit.NO)


def _follow(retention: ServiceDoors, begun: str, wait_seconds: int) -> Json:
    """How the round stood last: at its end, or when the time was over."""
    deadline = time.monotonic() + wait_seconds
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr()) as progress:
        task = progress.add_task("a shred round", total=None)
        while True:
            seen = retention.get(DOOR)
            if seen["round"] != begun or seen["state"] == STATES[-1]:
                progress.update(task, description=SAID[STATES[-1]], total=1, completed=1)
                return seen
            progress.update(task, **_shown(seen))
            if time.monotonic() > deadline:
                return seen
            time.sleep(POLL_SECONDS)


def _shown(seen: Json) -> Json:
    if seen["state"] != "opened":
        return {"description": SAID[seen["state"]]}
    return {
        "description": f"{SAID['opened']} ({seen['keys_rewrapped']} of {seen['keys_to_rewrap']})",
        "completed": seen["keys_rewrapped"],
        "total": max(seen["keys_to_rewrap"], 1),
    }
