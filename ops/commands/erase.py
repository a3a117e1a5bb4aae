"""`flux3d erase`: erase one record, or every record of the person with an address."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import RenderableType

from deploy.native.stack import Stack
from ops.confirmation import DryRun, Yes, confirm
from ops.log_readers import QUERIES, reader
from ops.options import spread
from ops.output import AsJson, say, show, table
from ops.service_doors import Json, ServiceDoors

POLL_SECONDS = 0.5
CLOCK_HEADINGS = ("category", "kind", "state", "clause", "due", "held on", "until")
END_HEADINGS = ("record", "category", "what became of it", "when", "why")


class Reason(StrEnum):
    """Why; a closed list, because a free text might name the person."""

    ASKED_OTHERWISE = "asked_otherwise"
    KEPT_BY_MISTAKE = "kept_by_mistake"
    NO_LONGER_NEEDED = "no_longer_needed"
    POLICY_CHANGED = "policy_changed"
    STAFF_DECISION = "staff_decision"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What may be asked of an erasure."""

    record: Annotated[UUID | None, typer.Argument(help="The record to erase.")] = None
    email: Annotated[
        str | None,
        typer.Option(help="Every record of this address; - reads it from stdin, unseen by ps."),
    ] = None
    reason: Annotated[Reason, typer.Option(help="Why.")] = Reason.STAFF_DECISION
    wait_seconds: Annotated[int, typer.Option(min=0, help="How long to wait for its end.")] = 30
    dry_run: DryRun = False
    yes: Yes = False
    as_json: AsJson = False


@spread(Asked)
def erase(asked: Asked) -> None:
    """Erase by the one path: keys go, owners scrub; what the law holds stays and is named."""
    if (asked.record is None) == (asked.email is None):
        message = "give either a record or --email"
        raise typer.BadParameter(message)
    stack = Stack.from_environment()
    if asked.dry_run:
        _preview(stack, asked.record, as_json=asked.as_json)
        return
    whose = f"record {asked.record}" if asked.record else "every record of this address"
    confirm(f"Erase {whose}? This cannot be undone.", yes=asked.yes)
    ended = _carry_out(stack, _whose(asked) | {"reason": asked.reason}, asked.wait_seconds)
    _end(ended, as_json=asked.as_json)


def _whose(asked: Asked) -> dict[str, Any]:
    if asked.record:
        return {"record": str(asked.record)}
    return {"email": sys.stdin.readline().strip() if asked.email == "-" else asked.email}


def _preview(stack: Stack, record: UUID | None, *, as_json: bool) -> None:
    if record is None:
        message = "--dry-run needs a record: whose an address is, only retention may ask"
        raise typer.BadParameter(message)
    rows = asyncio.run(_clocks(stack, record))
    fields = ("category", "kind", "state", "clause", "due_at", "basis", "until_on")
    shown = ([one[name] for name in fields] for one in rows)
    show({"record": record, "items": rows}, as_json=as_json, people=[table(CLOCK_HEADINGS, shown)])


async def _clocks(stack: Stack, record: UUID) -> list[dict[str, Any]]:
    async with reader(stack, "retention") as pool:
        return [dict(row) for row in await pool.fetch(QUERIES["clocks_of_record"], record)]


def _carry_out(stack: Stack, body: dict[str, Any], wait_seconds: int) -> Json:
    retention = ServiceDoors(stack, "retention")
    erasure = retention.post("/api/erasures", body)["id"]
    say(f"erasure {erasure} has begun")
    deadline = time.monotonic() + wait_seconds
    while True:
        seen = retention.get(f"/api/erasures/{erasure}")
        if seen["state"] == "completed" or time.monotonic() > deadline:
            return seen
        time.sleep(POLL_SECONDS)


def _end(erasure: Json, *, as_json: bool) -> None:
    erased = (
        (one["record"], one["category"], "erased", one["unreadable_since"], "")
        for one in erasure["erased"]
    )
    held = (
        (one["record"], one["category"], "held", f"until {one['until_on']}", one["basis"])
        for one in erasure["held"]
    )
    waiting = (
        (one["record"], "", f"waits for {one['owner']}", "", "") for one in erasure["waiting_for"]
    )
    rows: list[tuple[str, ...]] = [*erased, *held, *waiting]
    people: list[RenderableType] = [
        f"Erasure {erasure['id']}: {erasure['state']}",
        table(END_HEADINGS, rows),
    ]
    show(erasure, as_json=as_json, people=people)
