"""`flux3d token`: a short-lived token for staff, auditors and operators."""

from __future__ import annotations

import getpass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from deploy.native.stack import Stack
from libs.doors.tokens import issue_token
from ops.output import AsJson, say, show
from ops.stack_clock import stack_clock

MINUTES_MAX = 720


class Role(StrEnum):
    """In which role somebody calls."""

    STAFF = "staff"
    AUDITOR = "auditor"
    OPERATOR = "operator"


def token(
    *,
    role: Annotated[list[Role], typer.Option(help="In which role; may be repeated.")],
    name: Annotated[str | None, typer.Option(help="Who calls; you, if not said.")] = None,
    minutes: Annotated[int, typer.Option(min=1, max=MINUTES_MAX, help="How long it holds.")] = 60,
    as_json: AsJson = False,
) -> None:
    """Sign a token with this stack's key; the services trust it until its time is over."""
    stack = Stack.from_environment()
    caller, now = name or getpass.getuser(), stack_clock(stack).now()
    valid_for = timedelta(minutes=minutes)
    signed = issue_token(
        (stack.secrets / "token-signing.pem").read_bytes(),
        name=caller,
        roles=role,
        now=now,
        valid_for=valid_for,
    )
    until = now + valid_for
    data = {"token": signed, "name": caller, "roles": sorted(role), "valid_until": until}
    show(data, as_json=as_json, people=())
    if not as_json:
        typer.echo(signed)
        say(f"{caller} as {', '.join(sorted(role))}, until {until:%Y-%m-%d %H:%M}Z")
