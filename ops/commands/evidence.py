"""`flux3d evidence`: the policy clause by clause, with what each service measures now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from deploy.native.stack import SERVICES, Stack
from ops.outcome import Exit
from ops.output import AsJson, show, table
from ops.service_doors import ServiceDoors

MARKS = {
    "kept": "✓ kept",
    "broken": "✗ broken",
    "cannot_be_kept_as_written": "≠ cannot be kept as written",
    "nothing_to_check": "· nothing to check yet",
    "not_measured_here": "  not measured here",
}
CHARACTERS_SHOWN = 90


def evidence(
    service: Annotated[str | None, typer.Argument(help="Only this service.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show every clause with its live answer. Ends with 1 when one is broken."""
    if service not in (None, *SERVICES):
        message = f"{service!r} is no service; there are {', '.join(SERVICES)}"
        raise typer.BadParameter(message)
    stack = Stack.from_environment()
    documents = [
        ServiceDoors(stack, one).get(f"/api/evidence/{one}")
        for one in ((service,) if service else SERVICES)
    ]
    items = [
        {"service": document["service"], **clause}
        for document in documents
        for clause in document["clauses"]
    ]
    counts = Counter(one["verdict"] for one in items)
    first = documents[0]
    data = {
        "policy_version": first["policy_version"],
        "policy_digest": first["policy_digest"],
        "counts": counts,
        "items": items,
    }
    show(data, as_json=as_json, people=[_table(items), _sum(counts, first)])
    raise typer.Exit(Exit.NO if counts["broken"] else Exit.FINE)


def _table(items: Sequence[dict[str, Any]]) -> Any:
    ordered = sorted(items, key=lambda one: (one["clause"], one["service"]))
    rows = (
        (one["clause"], one["service"], MARKS[one["verdict"]], _cut(one["promise"]), _seen(one))
        for one in ordered
    )
    return table(("clause", "service", "answer", "promise", "seen"), rows)


def _seen(one: dict[str, Any]) -> str:
    figures = ", ".join(f"{value} {name}" for name, value in one["figures"].items())
    events = f"events {', '.join(one['events'][:3])}" if one["events"] else ""
    return _cut("; ".join(part for part in (figures, events, one["reason"]) if part))


def _cut(text: str) -> str:
    return text if len(text) <= CHARACTERS_SHOWN else f"{text[: CHARACTERS_SHOWN - 1]}…"


def _sum(counts: Counter[str], document: dict[str, Any]) -> str:
    said = ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in MARKS if counts[name])
    return f"\nPolicy {document['policy_version']}: {said}."
