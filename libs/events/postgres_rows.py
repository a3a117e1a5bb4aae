"""Rows of the event table into facts, and facts into columns."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from libs.events.codec import decode_event
from libs.events.log import EFFECTS, Append
from libs.events.queries import load_queries
from libs.events.recorded import Recorded
from libs.events.seal import check_places
from libs.events.values import Owner

QUERIES = load_queries(Path(__file__).parent / "sql" / "queries.sql")


def to_recorded(row: Any, owner: Owner) -> Recorded:
    """The fact that a row of the log holds.

    Raises: Unreadable, when the row is not what this service once wrote.
    """
    event = decode_event(row["name"], row["schema_version"], row["data"])
    check_places(event, row["event_id"])
    return Recorded(
        event_id=row["event_id"],
        owner=owner,
        record=row["record"],
        version=row["version"],
        event=event,
        schema_version=row["schema_version"],
        recorded_at=row["recorded_at"],
        correlation_id=row["correlation_id"],
        causation_id=row["causation_id"],
        traceparent=row["traceparent"],
        data=row["data"],
        position=row["position"],
    )


def append_columns(appends: Sequence[Append], effects: EFFECTS) -> list[list[Any]]:
    """The arguments of `append_events`: the facts, their effects and the answers, by column."""
    facts = [one for append in appends for one in append.recorded]
    owed = [(one.event_id, name) for one in facts for name in effects.get(type(one.event), ())]
    answers = [append.answer for append in appends if append.answer is not None]
    return [
        *_columns(map(_fact, facts), 10),
        *_columns(owed, 2),
        *_columns(
            (
                (one.scope, one.key_hash, one.fingerprint, one.status, one.body, one.answered_at)
                for one in answers
            ),
            6,
        ),
    ]


def _fact(one: Recorded) -> tuple[Any, ...]:
    return (
        one.event_id,
        one.record,
        one.version,
        one.name,
        one.schema_version,
        one.recorded_at,
        one.correlation_id,
        one.causation_id,
        one.traceparent,
        one.data,
    )


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]
