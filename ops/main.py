"""`flux3d`: the command for operators and auditors."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.main import get_command

from ops.outcome import OneLineErrors


class Place(NamedTuple):
    """Where a command is defined, and under which heading the help shows it."""

    module: str
    name: str
    panel: str


LOOK, PROVE, ACT = "Look", "Prove", "Act"
COMMANDS = {
    "doctor": Place("ops.commands.doctor", "doctor", LOOK),
    "status": Place("ops.commands.status", "status", LOOK),
    "events": Place("ops.commands.events", "app", LOOK),
    "simulate": Place("ops.commands.simulate", "simulate", LOOK),
    "evidence": Place("ops.commands.evidence", "evidence", PROVE),
    "scan": Place("ops.commands.scan", "scan", PROVE),
    "tour": Place("ops.tour.command", "tour", PROVE),
    "replay": Place("ops.commands.replay", "app", ACT),
    "parked": Place("ops.commands.parked", "app", ACT),
    "sweep": Place("ops.commands.sweep", "sweep", ACT),
    "erase": Place("ops.commands.erase", "erase", ACT),
    "shred": Place("ops.commands.shred", "shred", ACT),
    "token": Place("ops.commands.token", "token", ACT),
    "rotate": Place("ops.commands.rotate", "app", ACT),
    "backup": Place("ops.commands.backup", "backup", ACT),
    "restore": Place("ops.commands.restore", "restore_backup", ACT),
    "drill": Place("ops.commands.drill", "app", PROVE),
    "journal": Place("ops.commands.journal", "app", ACT),
    "refill": Place("ops.commands.refill", "refill", ACT),
    "clock": Place("ops.commands.clock", "app", ACT),
}


class Commands(OneLineErrors):
    """Loads a command when it is asked for.

    Why: all of them together take two seconds to import, one alone a fraction.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, none when there is none."""
        del ctx
        place = COMMANDS.get(cmd_name)
        return None if place is None else _load(cmd_name, place)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Look after a running Flux3D. FLUX3D_HOME and FLUX3D_PORT_BASE choose the stack.",
    epilog="Exit codes: 0 fine, 1 something said no, 2 a wrong call, 3 something is away.",
)


@app.callback()
def flux3d() -> None:
    """Look after a running Flux3D. FLUX3D_HOME and FLUX3D_PORT_BASE choose the stack."""


def _load(name: str, place: Place) -> Any:
    found = getattr(import_module(place.module), place.name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        found = alone
    command: Any = get_command(found)
    command.name, command.rich_help_panel = name, place.panel
    return command


if __name__ == "__main__":
    app(prog_name="flux3d")
