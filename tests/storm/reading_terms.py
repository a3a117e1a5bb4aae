"""Reads what has a date: terms, what they count from, holds of orders; and what was chosen."""

from typing import Any

from deploy.native.stack import SERVICES, Stack
from tests.storm.asking import once, stream
from tests.storm.dumps import Anchor, Called, Choice, Hold, Place, Term

PURPOSES = ("functional", "analytical", "advertisement", "marketing", "portfolio")


async def read_terms(stack: Stack) -> list[Term]:
    """Every term that began."""
    return [
        Term(_place(row), row["version"], once(row["cause"]), row["due_at"])
        async for row in stream(stack, "retention", "read_terms")
    ]


async def read_anchors(stack: Stack) -> dict[str, Anchor]:
    """What terms count from, by the fact's id."""
    return {
        once(row["event_id"]): Anchor(once(row["name"]), row["recorded_at"], row["at"], row["on"])
        for service in SERVICES
        async for row in stream(stack, service, "read_anchors")
    }


async def read_called(stack: Stack) -> list[Called]:
    """Everything that was called due."""
    return [
        Called(_place(row), row["version"], row["at"])
        async for row in stream(stack, "retention", "read_called")
    ]


async def read_order_holds(stack: Stack) -> list[Hold]:
    """Until when the law keeps each order, and when it was let go."""
    return [
        Hold(once(row["record"]), row["version"], row["until_on"], row["released_at"])
        async for row in stream(stack, "billing", "read_order_holds")
    ]


async def read_choices(stack: Stack, query: str) -> list[Choice]:
    """What was chosen, by the facts or by the view."""
    return [
        Choice(once(row["record"]), row["version"], _granted(row))
        async for row in stream(stack, "consent", query)
    ]


_GRANTED: dict[frozenset[str], frozenset[str]] = {}


def _granted(row: Any) -> frozenset[str]:
    """One object for each of the few combinations."""
    granted = frozenset(purpose for purpose in PURPOSES if row[purpose])
    return _GRANTED.setdefault(granted, granted)


def _place(row: Any) -> Place:
    return once(row["record"]), once(row["category"])
