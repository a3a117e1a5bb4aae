"""What the checks take for a sealed part, and what they do not."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from services.quotes.app.evidence import is_sealed
from tests.unit.services.quotes.examples import REQUESTED, Story
from tests.unit.services.quotes.projections.test_quote_status import built


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part as the store would show it."""

    at: UUID
    event_id: UUID | None
    name: str = "QuoteRequested"
    field: str = "details"
    box_head: bytes | None = None


def sealed_part() -> Part:
    """The details of a request, as they lie in the log."""
    story = Story().tell(REQUESTED)
    box = built(story).details or b""
    return Part(at=story[0].event_id, event_id=story[0].event_id, box_head=box[:120])


def test_box_in_its_place_is_sealed() -> None:
    """A box that was sealed for where it lies is what the policy promises."""
    assert is_sealed(sealed_part())


@pytest.mark.parametrize(
    "fault",
    [
        {"box_head": None},
        {"box_head": b""},
        {"box_head": b'{"name": "Quokka"}'},
        {"event_id": UUID(int=9)},
        {"name": "QuoteAccepted", "field": "party"},
    ],
)
def test_anything_else_is_not_sealed(fault: dict[str, Any]) -> None:
    """Nothing, plaintext, and a box of another event or category are all found out."""
    assert not is_sealed(replace(sealed_part(), **fault))
