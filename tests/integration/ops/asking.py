"""Asks the running services for something, and waits for what follows, for so long."""

import time
from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

import httpx

from deploy.native.stack import Stack

Seen = TypeVar("Seen")
SECONDS = 40.0


def ask_for_a_quote(
    stack: Stack,
    *,
    name: str = "Ans de Boer",
    email: str = "ans@voorbeeld.example",
    brief: str = "A teapot, please.",
) -> str:
    """The record of a new request for a price."""
    answer = httpx.post(
        f"{stack.service_url('quotes')}/api/quotes",
        json={"name": name, "email": email, "brief": brief, "language": "nl"},
        headers={"Idempotency-Key": str(uuid4())},
    )
    answer.raise_for_status()
    return str(answer.json()["id"])


def within(look: Callable[[], Seen], *, seconds: float = SECONDS) -> Seen:
    """What is seen once it is something; looking takes its own time, so nothing sleeps.

    Raises: AssertionError, when it is nothing until the end, or the last refusal of `look`.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            if seen := look():
                return seen
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, f"nothing was seen within {seconds} s"
