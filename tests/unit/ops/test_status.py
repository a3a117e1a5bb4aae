"""How `flux3d status` ends tells whether an operator has to look."""

import msgspec
import pytest

from deploy.native.status import PartStatus
from ops.commands.status import OUTBOX_AGE_SECONDS_MAX, verdict
from ops.measuring import Erasures, Waiting
from ops.outcome import Exit

NONE_UNDER_WAY = Erasures(under_way=0, oldest_at=None, oldest_age_seconds=None, asked_again=0)
PART = PartStatus(name="quotes", state="running", ready=True, seconds_up=60, memory_megabytes=90)
QUIET = Waiting(service="quotes", outbox_rows=0, outbox_refused=0, outbox_age_seconds=0.0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Exit.FINE),
        ({"outbox_age_seconds": OUTBOX_AGE_SECONDS_MAX}, Exit.FINE),
        ({"outbox_age_seconds": OUTBOX_AGE_SECONDS_MAX + 1}, Exit.NO),
        ({"outbox_refused": 1}, Exit.NO),
        ({"parked": {"quotes.events": 1}}, Exit.NO),
        ({"log_is_behind": "the log lacks facts"}, Exit.NO),
        ({"outbox_age_seconds": None, "away": "the database is away"}, Exit.AWAY),
    ],
)
def test_what_waits_too_long_or_is_stuck_is_told(change: dict[str, object], expected: Exit) -> None:
    """A fact that is not sent in time, and whatever goes on only by an operator's hand (F33)."""
    waiting = msgspec.structs.replace(QUIET, **change)
    assert verdict([PART], [waiting], NONE_UNDER_WAY) is expected
