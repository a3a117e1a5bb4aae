"""`flux3d replay`: build a view again from Kafka beside the live one, compare, and switch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from deploy.native.stack import SERVICES, Stack
from ops.confirmation import Yes, confirm
from ops.options import spread
from ops.outcome import Exit, SaidNo
from ops.output import AsJson, show, stderr, table
from ops.service_doors import ServiceDoors

HEADINGS = ("service", "view", "read", "rows live", "rows rebuilt", "digest", "verdict")
DIGEST_CHARACTERS = 12
ALL = "all"


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


@spread(Asked)
def replay(asked: Asked) -> None:
    """Rebuild views from Kafka, with side effects off. Ends with 1 when one differs.

    Without an option it verifies: the rebuilt view is compared with the live one and discarded.
    """
    mode, wanted = asked.mode, list(_views(asked.service, asked.view))
    if mode is Mode.SWITCH:
        question = f"Put the rebuilt views in place of the live ones ({len(wanted)})?"
        confirm(question, yes=asked.yes)
    stack = Stack.from_environment()
    with _progress() as progress:
        found = [_rebuild(stack, one, mode, progress) for one in wanted]
    show({"items": found}, as_json=asked.as_json, people=[table(HEADINGS, map(_row, found))])
    differing = [one for one in found if one["equal"] is False and mode is Mode.VERIFY]
    raise typer.Exit(Exit.NO if differing else Exit.FINE)


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


def _rebuild(stack: Stack, one: tuple[str, str], mode: str, progress: Progress) -> dict[str, Any]:
    service, view = one
    task = progress.add_task(f"{service}.{view}", total=None)
    last: dict[str, Any] = {}
    for last in ServiceDoors(stack, service).stream("/ops/replay", {"view": view, "mode": mode}):
        _advance(progress, task, last)
    if last.get("phase") != "done":
        message = f"{service}.{view}: {last.get('detail', 'the service stopped answering')}"
        raise SaidNo(message)
    return {"service": service, "mode": mode, **last}


def _advance(progress: Progress, task: TaskID, step: dict[str, Any]) -> None:
    total = step.get("total", 0)
    progress.update(task, completed=step.get("read", 0), total=total or None, phase=step["phase"])


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = stderr()
    return Progress(
        *columns,
        TextColumn("{task.fields[phase]}"),
        console=console,
        disable=not console.is_terminal,
    )


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    digest = (one["digest_rebuilt"] or "")[:DIGEST_CHARACTERS]
    rows = (one["rows_live"], one["rows_rebuilt"], digest)
    return (one["service"], one["view"], one["read"], *rows, _verdict(one))


def _verdict(one: dict[str, Any]) -> str:
    if one["equal"] is None:
        return ", ".join(f"{count} {name}" for name, count in one["events"].items()) or "counted"
    verdict = "equal" if one["equal"] else f"differs: {' | '.join(one['differing'][:2])}"
    return f"{verdict}, switched" if one["switched"] else verdict
