"""`flux3d backup`: copy what must not be lost, list the copies, end those whose term is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import typer

from deploy.native.stack import Stack
from libs.backups.kept import end_overdue, list_backups
from libs.backups.manifest import Manifest
from libs.keyring.journal import JournalBroken
from libs.policy.loader import load_policy
from ops.backups.taking import LEFT_OUT, take_backup
from ops.options import spread
from ops.outcome import SaidNo
from ops.output import AsJson, say, show, table
from ops.stack_clock import stack_clock

MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What may be asked about backups."""

    listed: Annotated[bool, typer.Option("--list", help="List the backups; take none.")] = False
    expire: Annotated[
        bool, typer.Option("--expire", help="Remove those older than the policy's term; take none.")
    ] = False
    as_json: AsJson = False


@spread(Asked)
def backup(asked: Asked) -> None:
    """Back the running stack up: databases as one state, bucket, journal and policy.

    Epoch keys and secrets are in no backup; keep copies of them elsewhere, apart from backups.
    """
    stack = Stack.from_environment()
    if asked.listed:
        return _list(stack, as_json=asked.as_json)
    if asked.expire:
        return _expire(stack, as_json=asked.as_json)
    return _take(stack, as_json=asked.as_json)


def _take(stack: Stack, *, as_json: bool) -> None:
    try:
        manifest = take_backup(stack, stack_clock(stack).now())
    except JournalBroken as broken:
        raise SaidNo(str(broken)) from broken
    apart = {name: str(stack.home / name) for name in LEFT_OUT}
    shown = _shown(manifest) | {"path": str(stack.backups / manifest.name), "not_in_it": apart}
    show(shown, as_json=as_json, people=[table(("", ""), shown.items())])
    say(f"Not in it, and to be kept apart from it: {', '.join(apart.values())}")


def _shown(manifest: Manifest) -> dict[str, Any]:
    size_bytes = sum(one.size_bytes for one in manifest.files.values())
    return {
        "name": manifest.name,
        "taken_at": manifest.taken_at,
        "ends_at": manifest.taken_at + timedelta(days=manifest.kept_days),
        "files": len(manifest.files),
        "megabytes": round(size_bytes / MEGABYTE, 1),
        "journal_lines": manifest.journal.entries,
    }


def _list(stack: Stack, *, as_json: bool) -> None:
    items = [{"name": one.name, "taken_at": one.taken_at} for one in list_backups(stack.backups)]
    rows = ((one["name"], one["taken_at"]) for one in items)
    people = [table(("backup", "taken at"), rows) if items else "There is no backup."]
    show({"items": items}, as_json=as_json, people=people)


def _expire(stack: Stack, *, as_json: bool) -> None:
    term = timedelta(days=load_policy().terms.backups.count)
    ended = end_overdue(stack.backups, now=stack_clock(stack).now(), term=term)
    rows = ((one.name, one.taken_at, one.ended_at) for one in ended)
    people = [
        table(("backup", "taken at", "ended at"), rows) if ended else "None is over its term."
    ]
    show({"items": ended}, as_json=as_json, people=people)
