"""`flux3d rotate`: new keys for tokens and links while the doors stay open."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from deploy.native.secret_files import rotate_links, rotate_tokens
from deploy.native.stack import SERVICES, Stack
from libs.doors.tokens import VALID_FOR_MAX
from ops.output import AsJson, say, show
from ops.stack_clock import stack_clock

LINKS_HOLD_DAYS = 90
DAYS_MAX = 3660
TOKENS_HOLD_HOURS = int(VALID_FOR_MAX.total_seconds()) // 3600
app = typer.Typer(help="New keys for tokens and links; the present ones hold for a stated time.")


@app.command()
def tokens(
    *,
    hours: Annotated[
        int, typer.Option(min=0, max=TOKENS_HOLD_HOURS, help="How long the present key holds.")
    ] = TOKENS_HOLD_HOURS,
    as_json: AsJson = False,
) -> None:
    """Sign tokens with a new key; with 0 hours every token there is ends now."""
    stack = Stack.from_environment()
    now = stack_clock(stack).now()
    until = now + timedelta(hours=hours)
    rotate_tokens(stack, now=now, until=until)
    show({"rotated": ["tokens"], "old_until": until}, as_json=as_json, people=())
    if not as_json:
        say(f"Tokens are signed with a new key; those of the old one hold until {until:%F %H:%M}Z")


@app.command()
def links(
    *,
    days: Annotated[
        int, typer.Option(min=0, max=DAYS_MAX, help="How long the present secrets hold.")
    ] = LINKS_HOLD_DAYS,
    as_json: AsJson = False,
) -> None:
    """Sign every service's links with a new secret; with 0 days every link mailed is void now."""
    stack = Stack.from_environment()
    now = stack_clock(stack).now()
    until = now + timedelta(days=days)
    for service in SERVICES:
        rotate_links(stack, service, now=now, until=until)
    show({"rotated": list(SERVICES), "old_until": until}, as_json=as_json, people=())
    if not as_json:
        say(f"Links are signed with new secrets; those of the old ones hold until {until:%F}")
