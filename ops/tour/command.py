"""`flux3d tour`: fourteen steps on the running stack; it fails where a promise is not seen."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from types import ModuleType
from typing import Annotated

import typer
from rich.console import Console

from deploy.native.stack import Stack
from ops.tour.steps import (
    backup,
    byte_scan,
    choices,
    crash,
    erasure,
    evidence,
    order,
    parked,
    quote_requests,
    rebuild,
    restore_drill,
    shred,
    story,
    time_passes,
)
from ops.tour.telling import NotSeen, Seen, Telling
from ops.tour.walk import Walk

STEPS: tuple[ModuleType, ...] = (
    quote_requests,
    choices,
    order,
    story,
    crash,
    parked,
    backup,
    erasure,
    shred,
    restore_drill,
    byte_scan,
    time_passes,
    rebuild,
    evidence,
)


def tour(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was seen as JSON.")] = False,
) -> None:
    """Walk the tour on the running stack: fourteen steps, each with what was promised and seen."""
    console = Console(stderr=as_json)
    telling = Telling(say=_teller(console))
    walk = Walk(Stack.from_environment(clock="movable"), telling)
    began = time.monotonic()
    try:
        for number, step in enumerate(STEPS, start=1):
            console.print(f"\n[bold]{number}/{len(STEPS)}  {step.TITLE}[/bold]")
            with console.status(f"step {number} of {len(STEPS)}"):
                step.take(walk)
    except NotSeen as missing:
        console.print(f"[red]✗ {missing}[/red]")
        raise typer.Exit(1) from None
    finally:
        walk.gateway.close()
    took_seconds = time.monotonic() - began
    console.print(f"\n[bold]{len(telling.told)} promises seen kept, in {took_seconds:.0f} s[/bold]")
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in telling.told], ensure_ascii=False))


def _teller(console: Console) -> Callable[[Seen], None]:
    def say(one: Seen) -> None:
        console.print(f"  [green]✓[/green] {one.promise}", highlight=False)
        console.print(f"      [dim]{one.seen}[/dim]", highlight=False, markup=True)

    return say
