"""The commands behind the Makefile, one each."""

from __future__ import annotations

import os
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deploy.native import compose, lifecycle, quality, schemas
from deploy.native import doctor as doctors
from deploy.native import status as statuses
from deploy.native.failure import StackError
from deploy.native.programs import BARE, EVERYTHING, WITHOUT_SERVICES
from deploy.native.rendering import write_private
from deploy.native.secret_files import make_all
from deploy.native.stack import CHECKOUT, DEPLOY, Stack
from deploy.native.steps import bench_steps, console, run_steps, setup_steps, test_steps

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


class Parts(StrEnum):
    """How much of the stack to start."""

    EVERYTHING = "everything"
    WITHOUT_SERVICES = "without-services"
    BARE = "bare"


PARTS = {
    Parts.EVERYTHING: EVERYTHING,
    Parts.WITHOUT_SERVICES: WITHOUT_SERVICES,
    Parts.BARE: BARE,
}


@app.command()
def setup() -> None:
    """Bring what the stack needs: Kafka's jars, the S3 server; check what is there."""
    run_steps(setup_steps())


@app.command()
def up(
    parts: Annotated[Parts, typer.Option(help="How much to start.")] = Parts.EVERYTHING,
    *,
    movable_clock: Annotated[bool, typer.Option(help="A clock that a show can move.")] = False,
) -> None:
    """Bring what is missing, start the stack and wait until it can be used."""
    run_steps(setup_steps())
    stack = Stack.from_environment(clock="movable" if movable_clock else "real")
    seconds = lifecycle.up(stack, PARTS[parts])
    console.print(f"Up in {seconds:.1f} s: {stack.gateway_url}", highlight=False)


@app.command()
def status() -> None:
    """Show every part: its state, whether it answers, its memory."""
    parts = statuses.status(Stack.from_environment())
    console.print(statuses.table(parts) if parts else "Nothing is running")
    # A part that was never started, or was stopped on purpose, is no fault.
    faulty = [one for one in parts if not one.ready and one.state != "stopped"]
    raise typer.Exit(1 if faulty or not parts else 0)


@app.command()
def doctor() -> None:
    """Say what is there, what is missing, and what to do."""
    findings = doctors.examine(Stack.from_environment())
    console.print(doctors.table(findings))
    raise typer.Exit(0 if all(one.well for one in findings) else 1)


@app.command()
def demo() -> None:
    """Start everything with a movable clock, run the tour, leave the stack running."""
    run_steps(setup_steps())
    stack = Stack.from_environment(clock="movable")
    if lifecycle.running_clock(stack) == "real":
        lifecycle.down(stack)
    lifecycle.up(stack)
    flux3d = Path(sys.executable).parent / "flux3d"
    ended = subprocess.run([flux3d, "tour"], cwd=CHECKOUT, check=False).returncode
    console.print(f"Still running: {stack.gateway_url} · make status · make down", highlight=False)
    raise typer.Exit(ended)


@app.command()
def check() -> None:
    """Format, lint, types, imports and unit tests; nothing needs to run."""
    raise typer.Exit(min(1, quality.check()))


@app.command()
def test() -> None:
    """Every check and every test, on real parts in a stack of its own."""
    run_steps(test_steps())
    raise typer.Exit(min(1, quality.test()))


@app.command()
def faults() -> None:
    """Every fault as far as it goes, on stacks of its own; writes the table of tests/README.md."""
    run_steps(test_steps())
    raise typer.Exit(min(1, quality.faults()))


@app.command()
def bench(only: Annotated[str, typer.Argument(help="Goals, separated by commas.")] = "") -> None:
    """Every goal beside its yardstick, on a stack of its own; writes tests/bench/README.md."""
    run_steps(bench_steps())
    command = [sys.executable, "-m", "tests.bench", "--keep", "--only", only]
    raise typer.Exit(subprocess.run(command, cwd=CHECKOUT, check=False).returncode)


@app.command()
def schema() -> None:
    """Write each schema.sql anew from the migrations, on the running stack."""
    for path in schemas.write_all(Stack.from_environment()):
        console.print(f"wrote {path}", highlight=False)


@app.command()
def compose_environment() -> None:
    """Make keys and passwords, and the variables that deploy/compose.yaml asks for."""
    stack = Stack.from_environment()
    make_all(stack)
    stack.journal.parent.mkdir(exist_ok=True)
    stack.keyring_backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(DEPLOY / ".env", compose.variables(stack))
    console.print("wrote deploy/.env")


@app.command()
def down() -> None:
    """Stop this stack's processes; what they keep stays."""
    was_up = lifecycle.down(Stack.from_environment())
    console.print("Stopped" if was_up else "Nothing was running")


@app.command()
def clean() -> None:
    """Stop the stack and remove its folder."""
    stack = Stack.from_environment()
    lifecycle.clean(stack)
    console.print(f"Removed {stack.home}", highlight=False)


@app.command()
def logs(service: str) -> None:
    """Show the end of one part's log and follow it."""
    path = Stack.from_environment().logs / f"{service}.log"
    if not path.exists():
        known = ", ".join(sorted(one.stem for one in path.parent.glob("*.log")))
        raise StackError(
            what=f"There is no log of {service}", remedy=f"There are: {known or 'none yet'}"
        )
    subprocess.run(["tail", "-n", "40", "-F", str(path)], check=False)


def main() -> None:
    """Run a command; a failure is one line and exit 1."""
    os.umask(0o022)
    try:
        app()
    except StackError as error:
        console.print(f"[red]✗[/red] {error}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
