"""`flux3d`: the command for operators and auditors."""

from __future__ import annotations

import typer

from ops.commands import (
    clock,
    doctor,
    erase,
    events,
    evidence,
    parked,
    replay,
    scan,
    simulate,
    status,
    sweep,
    token,
)
from ops.outcome import Commands
from ops.tour.command import tour

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Look after a running Flux3D. FLUX3D_HOME and FLUX3D_PORT_BASE choose the stack.",
    epilog="Exit codes: 0 fine, 1 something said no, 2 a wrong call, 3 something is away.",
)

app.command(rich_help_panel="Look")(doctor.doctor)
app.command(rich_help_panel="Look")(status.status)
app.add_typer(events.app, name="events", rich_help_panel="Look")
app.command(rich_help_panel="Look")(simulate.simulate)
app.command(rich_help_panel="Prove")(evidence.evidence)
app.command(rich_help_panel="Prove")(scan.scan)
app.command(rich_help_panel="Prove")(tour)
app.command(rich_help_panel="Act")(replay.replay)
app.add_typer(parked.app, name="parked", rich_help_panel="Act")
app.command(rich_help_panel="Act")(sweep.sweep)
app.command(rich_help_panel="Act")(erase.erase)
app.command(rich_help_panel="Act")(token.token)
app.add_typer(clock.app, name="clock", rich_help_panel="Act")

if __name__ == "__main__":
    app()
