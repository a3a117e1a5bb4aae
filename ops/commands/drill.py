"""`flux3d drill`: try on a copy what nobody wants to try first when it is needed."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.native.stack import Stack
from libs.backups.kept import find_backup
from ops.backups.drilling import drill
from ops.outcome import Exit
from ops.output import AsJson, show, table

app = typer.Typer(help="Tries on a copy; the stack itself is not touched.", no_args_is_help=True)


@app.callback()
def drills() -> None:
    """Try on a copy; the stack itself is not touched."""


@app.command("restore")
def restore_drill(
    backup: Annotated[str | None, typer.Argument(help="Its name; without it, the newest.")] = None,
    *,
    leave_out_replay: Annotated[
        bool,
        typer.Option("--leave-out-replay", help="The control: without the replay it must fail."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into a copy and prove that nothing erased comes back. Ends with 1 if not."""
    stack = Stack.from_environment()
    found = drill(stack, find_backup(stack.backups, backup), replays=not leave_out_replay)
    rows = ((one.what, "yes" if one.is_so else "NO", one.seen) for one in found.findings)
    heading = f"{found.backup}, restored in {found.seconds:.1f} s"
    show(found, as_json=as_json, people=[heading, table(("", "", "seen"), rows)])
    raise typer.Exit(Exit.FINE if found.passed else Exit.NO)
