"""The audit of one entry of the books."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.billing.domain.books import TOLERANCE, BookEntry, Fault, fault_of_hold
from tests.unit.services.billing.examples import ERASURE, RECORD, RULE, TODAY_ON, UNTIL_ON

ENTRY = {
    "record": RECORD,
    "event_id": ERASURE,
    "placed_on": TODAY_ON,
    "party": b"box",
    "number": "2026-000001",
    "issued_on": TODAY_ON,
    "scrub_started_at": None,
    "erased_at": None,
    "until_on": UNTIL_ON,
    "state": "held",
    "released_at": None,
}
AFTER = datetime(2034, 1, 1, 12, tzinfo=UTC)
BEFORE = datetime(2033, 12, 31, 12, tzinfo=UTC)


@pytest.mark.policy("5.1.billing")
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, None),
        ({"number": None, "issued_on": None}, None),
        ({"until_on": None, "state": None}, Fault.WITHOUT_HOLD),
        ({"until_on": date(2032, 12, 31)}, Fault.WRONG_DATE),
        ({"state": "released", "released_at": BEFORE}, Fault.LET_GO_EARLY),
        ({"state": "released", "released_at": AFTER}, None),
        ({"erased_at": BEFORE, "party": None}, Fault.ERASED_WHILE_HELD),
        ({"state": "released", "released_at": AFTER, "erased_at": AFTER, "party": None}, None),
    ],
)
def test_audit_finds_what_is_wrong(changes: dict[str, object], fault: Fault | None) -> None:
    """A hold that is missing, wrong or ended early is found, and a sound one passes."""
    entry = BookEntry(**{**ENTRY, **changes})  # type: ignore[arg-type]
    assert fault_of_hold(entry, RULE, TODAY_ON) is fault


def test_audit_allows_a_record_its_way_out() -> None:
    """A record past its day is a breach only after the tolerance."""
    entry = BookEntry(**ENTRY)  # type: ignore[arg-type]
    in_time = fault_of_hold(entry, RULE, UNTIL_ON + TOLERANCE)
    late = fault_of_hold(entry, RULE, UNTIL_ON + TOLERANCE + timedelta(days=1))
    assert (in_time, late) == (None, Fault.HELD_TOO_LONG)
