"""Facts as an operator sees them: everything but what is a person's."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from libs.events.catalogue import CATALOGUE
from libs.events.recorded import Recorded

SEALED = "⟨sealed⟩"
SHOWN_CHARACTERS = 60
UNKNOWN = "⟨of a kind this reader does not know, so not shown⟩"


class ShownFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact with its envelope, its personal parts masked; they stay sealed in any case."""

    service: str
    position: int
    event_id: UUID
    record: UUID
    version: int
    name: str
    schema_version: int
    recorded_at: datetime
    correlation_id: UUID
    causation_id: UUID | None
    traceparent: str | None
    data: dict[str, Any]


_ENVELOPE = [name for name in ShownFact.__struct_fields__ if name not in ("service", "data")]


def shown_fact(service: str, row: Any) -> ShownFact:
    """A row of a log as it may be shown."""
    data = masked(row["name"], msgspec.json.decode(row["data"], type=dict[str, Any]))
    return ShownFact(service=service, data=data, **{name: row[name] for name in _ENVELOPE})


def shown_recorded(fact: Recorded) -> ShownFact:
    """A fact that was read from a log, as it may be shown."""
    row = {name: getattr(fact, name) for name in _ENVELOPE}
    return shown_fact(fact.owner.value, {**row, "data": fact.data})


def masked(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """The fields of an event, those that are a person's replaced by a mark.

    Why: what an unknown event keeps where cannot be known, so nothing of it is shown.
    """
    entry = CATALOGUE.get(name)
    if entry is None:
        return dict.fromkeys(data, UNKNOWN)
    return {field: SEALED if field in entry.parts else value for field, value in data.items()}


def summary(fact: ShownFact) -> str:
    """The fields of a fact in one line."""
    return "  ".join(f"{name}={_short(value)}" for name, value in fact.data.items())


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
