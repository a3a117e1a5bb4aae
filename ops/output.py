"""What a command prints: data on stdout, as a table or as JSON; everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console, RenderableType
from rich.table import Table

PLAIN_WIDTH = 200

AsJson = Annotated[bool, typer.Option("--json", help="Print the data as JSON.")]
"""The option that every command has."""


def stdout() -> Console:
    """Where data goes; where nobody watches, a table keeps its full width."""
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(width=width, highlight=False)


def stderr() -> Console:
    """Where progress and remarks go."""
    return Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """A remark beside the data."""
    stderr().print(text, style="dim", markup=False)


def show(data: Any, *, as_json: bool, people: Iterable[RenderableType]) -> None:
    """The data as JSON, or what people read instead."""
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(data)).decode() + "\n")
        return
    for one in people:
        stdout().print(one)


def show_line(data: Any) -> None:
    """One line of JSON in a stream of them."""
    sys.stdout.write(msgspec.json.encode(data).decode() + "\n")
    sys.stdout.flush()


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Rows for people; nothing in them is read as markup."""
    named = any(headings)
    shown = Table(*headings, box=None, show_header=named, pad_edge=False)
    for row in rows:
        shown.add_row(*(_plain(cell) for cell in row))
    return shown


def moment(at: datetime | None) -> str:
    """An instant to the second, in UTC as everywhere in the stack."""
    return f"{at:%Y-%m-%d %H:%M:%S}Z" if at else ""


def _plain(cell: Any) -> str:
    if isinstance(cell, datetime):
        return moment(cell)
    return "" if cell is None else str(cell).replace("[", r"\[")
