"""How a command ends: 0 fine, 1 something said no, 2 a wrong call, 3 something is away."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import asyncpg
import httpx
import typer
from aiokafka.errors import KafkaConnectionError
from rich.console import Console
from typer.core import TyperGroup

from deploy.native.failure import StackError
from libs.events.errors import Refused, Unavailable
from libs.events.postgres_log import AWAY


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


AWAY_ERRORS = (
    Away,
    Unavailable,
    httpx.TransportError,
    asyncpg.CannotConnectNowError,
    KafkaConnectionError,
    *AWAY,
)


class Commands(TyperGroup):
    """Turns expected errors into one line on stderr and the exit code that goes with them."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (SaidNo, Refused, StackError) as error:
            _end(str(error), Exit.NO)
        except FileNotFoundError as error:
            _end(f"{error.filename} is missing. Was this stack ever started? make up", Exit.AWAY)
        except AWAY_ERRORS as error:
            _end(_said(error), Exit.AWAY)


def _said(error: BaseException) -> str:
    if isinstance(error, Away | Unavailable):
        return str(error)
    return f"Something does not answer ({type(error).__name__}). See flux3d status, make up"


def _end(text: str, code: Exit) -> None:
    Console(stderr=True).print(f"[red]✗[/red] {text}", highlight=False, soft_wrap=True)
    raise typer.Exit(code)
