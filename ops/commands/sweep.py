"""`flux3d sweep`: call due what is due, now; and trust the clock again after it jumped."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.native.stack import Stack
from ops.confirmation import DryRun, Yes, confirm
from ops.output import AsJson, show, table
from ops.service_doors import ServiceDoors

QUESTION = "Trust the stack's clock as it stands, so that all that is due by it is erased?"


def sweep(
    *,
    confirm_jump: Annotated[
        bool, typer.Option("--confirm-jump", help="Trust the clock although it jumped.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Sweep now instead of at the next turn of the timer; --dry-run shows where it stands."""
    retention = ServiceDoors(Stack.from_environment(), "retention")
    called = 0
    if not dry_run:
        if confirm_jump:
            confirm(QUESTION, yes=yes)
            retention.post("/api/sweep/confirmation")
        called = retention.post("/api/sweep")["called_due"]
    data = {**retention.get("/api/sweep"), "called_due": called, "dry_run": dry_run}
    show(data, as_json=as_json, people=[table(("", ""), data.items())])
