"""`flux3d doctor`: what is there, what is missing, what to do."""

from __future__ import annotations

import typer

from deploy.native.doctor import examine
from deploy.native.stack import Stack
from ops.outcome import Exit
from ops.output import AsJson, show, table


def doctor(*, as_json: AsJson = False) -> None:
    """Look at this machine and this stack; change nothing. Ends with 1 when something is wrong."""
    findings = examine(Stack.from_environment())
    rows = [("✓" if one.well else "✗", one.subject, one.seen, one.remedy) for one in findings]
    people = [table(("", "what", "seen", "what to do"), rows)]
    show({"items": findings}, as_json=as_json, people=people)
    raise typer.Exit(Exit.FINE if all(one.well for one in findings) else Exit.NO)
