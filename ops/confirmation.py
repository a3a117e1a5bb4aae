"""Asking before something is changed; a script says --yes instead."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ops.outcome import SaidNo

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")]


def confirm(question: str, *, yes: bool) -> None:
    """Return when the operator agrees.

    Raises: SaidNo, when they do not, or when nobody can be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        message = f"{question} Nobody can be asked here; add --yes. Nothing was changed"
        raise SaidNo(message)
    if not typer.confirm(question, err=True):
        message = "Nothing was changed"
        raise SaidNo(message)
