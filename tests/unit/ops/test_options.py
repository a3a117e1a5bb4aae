"""A dataclass of options reads like the parameters of a command."""

from dataclasses import dataclass, field
from typing import Annotated

import typer
from typer.testing import CliRunner

from ops.options import spread


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A command's options."""

    name: Annotated[str, typer.Argument()]
    tag: Annotated[list[str], typer.Option()] = field(default_factory=list)
    loud: Annotated[bool, typer.Option("--loud")] = False


APP = typer.Typer()


@APP.command()
@spread(Asked)
def greet(asked: Asked) -> None:
    """Say what was asked."""
    typer.echo(f"{asked.name} {asked.tag} {asked.loud}")


def test_each_field_is_a_parameter() -> None:
    """Arguments, repeated options and flags arrive in the dataclass."""
    ended = CliRunner().invoke(APP, ["Ans", "--tag", "a", "--tag", "b", "--loud"])
    assert ended.stdout == "Ans ['a', 'b'] True\n"


def test_defaults_are_those_of_the_dataclass() -> None:
    """What is not said is as the dataclass has it, and nothing is shared between calls."""
    assert CliRunner().invoke(APP, ["Ans"]).stdout == "Ans [] False\n"


def test_field_without_default_is_required() -> None:
    """A field without a default has to be given."""
    assert CliRunner().invoke(APP, []).exit_code == 2
