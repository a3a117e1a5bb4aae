"""How a command ends: 0 fine, 1 something said no, 2 a wrong call, 3 something is away."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from deploy.native.failure import StackError
from libs.events.errors import Refused, Unavailable


class Exit(IntEnum):
    """The exit codes, the same for every command."""

    FINE = 0
    NO = 1
    USAGE = 2
    AWAY = 3


class SaidNo(Exception):
    """Somebody or something said no; the text says who, and what to do."""


class Away(Exception):
    """Something that is needed does not answer; the text says what, and what to do."""


class OneLineErrors(TyperGroup):
    """Turns expected errors into one line on stderr and the exit code that goes with them."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (SaidNo, Refused, StackError) as error:
            _end(str(error), Exit.NO)
        except FileNotFoundError as error:
            _end(f"{error.filename} is missing. Was this stack ever started? make up", Exit.AWAY)
        except (Away, Unavailable) as error:
            _end(str(error), Exit.AWAY)


def _end(text: str, code: Exit) -> None:
    Console(stderr=True).print(f"[red]✗[/red] {text}", highlight=False, soft_wrap=True)
    raise typer.Exit(code)
