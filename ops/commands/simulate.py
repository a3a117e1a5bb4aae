"""`flux3d simulate`: what would go by a day, and why; nothing is changed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from deploy.native.stack import Stack
from ops.output import AsJson, say, show, table
from ops.service_doors import ServiceDoors

PAGE_ITEMS = 200
HEADINGS = ("due", "record", "category", "kind", "state", "clause", "why")


def simulate(
    *,
    at: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day, as 2027-12-31.")],
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Tell what would have gone by the end of a day, and why; nothing is changed by asking."""
    retention = ServiceDoors(Stack.from_environment(), "retention")
    figures, items, cursor = _collect(retention, at.date().isoformat(), limit)
    data = {"at": at.date(), "figures": figures, "items": items, "complete": cursor is None}
    counted = ((one["clause"], one["state"], one["categories"]) for one in figures)
    show(
        data,
        as_json=as_json,
        people=[
            table(("clause", "state", "would go"), counted),
            "",
            table(HEADINGS, (_row(one) for one in items)),
        ],
    )
    if cursor is not None:
        say(f"the first {len(items)} of more; ask for them with --limit")


def _collect(
    retention: ServiceDoors, at: str, limit: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str | None]:
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        asked = min(PAGE_ITEMS, limit - len(items))
        page = retention.get("/api/simulation", at=at, limit=asked, cursor=cursor)
        items += page["items"]
        cursor = page["next"]
        if cursor is None or len(items) >= limit:
            return page["figures"], items, cursor


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    due = one["due_at"] or one["until_on"]
    why = one["reason"] or one["basis"]
    state = f"held until {one['until_on']}" if one["state"] == "held" else one["state"]
    return due, one["record"], one["category"], one["kind"], state, one["clause"], why
