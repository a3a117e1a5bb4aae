"""An operator sees every field of a fact but those that are a person's."""

import json
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from libs.events.catalogue import CATALOGUE
from ops.shown_facts import SEALED, masked, shown_fact, summary
from tests.unit.ops.facts import fact


@given(st.sampled_from(sorted(CATALOGUE)))
def test_every_personal_part_of_every_event_is_masked(name: str) -> None:
    """The part's box is not shown, and every other field is."""
    fields = CATALOGUE[name].event_type.__struct_fields__
    seen = masked(name, dict.fromkeys(fields, "value"))
    sealed = {field for field, value in seen.items() if value == SEALED}
    assert sealed == set(CATALOGUE[name].parts)
    assert {seen[field] for field in fields if field not in sealed} <= {"value"}


def test_of_an_unknown_event_nothing_is_shown() -> None:
    """What is a person's in an event of a newer kind cannot be known, so no value is shown."""
    assert "Noor" not in str(masked("SomethingNew", {"name": "Noor"}))


def test_row_of_a_log_becomes_a_fact() -> None:
    """A row is shown with its envelope and its masked fields."""
    row = msgspec.structs.asdict(fact(7)) | {"data": json.dumps({"a": 1})}
    row["name"] = "ProjectStarted"
    shown = shown_fact("quotes", row)
    assert (shown.event_id, shown.service, shown.data) == (UUID(int=7), "quotes", {"a": 1})


def test_long_values_are_cut_in_a_summary() -> None:
    """One fact fits a line or two."""
    long = msgspec.structs.replace(fact(1), data={"basis": "x" * 500, "count": 3})
    assert len(summary(long)) < 100
    assert "count=3" in summary(long)
