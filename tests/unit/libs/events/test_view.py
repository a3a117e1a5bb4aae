"""A view is a pure fold; one batch reads and writes each row once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from libs.events.database import Connection
from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.values import Money
from libs.events.view import (
    Key,
    Statement,
    View,
    apply_views,
    by_event,
    by_record,
    fold_rows,
    record_of,
    write_unseen,
)
from libs.events.vocabulary.quotes import ProjectStarted, QuoteDeclined, QuoteOffered
from tests.unit.libs.events.facts import facts_of


class Nobody:
    """A connection over which nothing goes."""

    async def execute(self, text: str, *_: object) -> None:
        """Take a statement."""
        assert text == "write"


NOBODY = cast("Connection", Nobody())
ONE, TWO = UUID(int=1), UUID(int=2)


@dataclass
class Rows:
    """A view's table in memory, which counts how often it is asked."""

    rows: dict[Key, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def read(self, _: Connection, keys: Collection[Key]) -> dict[Key, Any]:
        """The rows that are there."""
        self.asked.append("read")
        return {key: self.rows[key] for key in keys if key in self.rows}

    def writing(self, rows: Mapping[Key, Any]) -> Statement:
        """Keeps the rows."""
        self.asked.append("write")
        self.rows.update(rows)
        return Statement("write", [list(rows)])

    async def delete(self, _: Connection, keys: Collection[Key]) -> None:
        """Remove the rows."""
        self.asked.append("delete")
        for key in keys:
            del self.rows[key]


def _count(row: int | None, recorded: Recorded, _: Key) -> int | None:
    return None if isinstance(recorded.event, QuoteDeclined) else (row or 0) + 1


def _view(table: Rows, **options: Any) -> View[int]:
    hears: frozenset[type[Event]] = frozenset({ProjectStarted, QuoteDeclined})
    return View("counts", hears, _count, table, **options)


def _started(record: UUID, times: int, after: list[Recorded] | None = None) -> list[Recorded]:
    return facts_of(record, *[ProjectStarted()] * times, after=after or [])


async def test_a_batch_reads_once_and_writes_once() -> None:
    """However many facts come together, each view costs one read and one write."""
    table = Rows({(ONE,): 1})
    first = _started(ONE, 1)
    facts = [*_started(ONE, 5, first), *_started(TWO, 5)]
    await apply_views(NOBODY, [_view(table)], facts)
    assert (table.rows, table.asked) == ({(ONE,): 6, (TWO,): 5}, ["read", "write"])


async def test_a_new_record_is_not_looked_for() -> None:
    """A record that begins in a batch needs no read, whatever follows: there can be no row."""
    table = Rows()
    await apply_views(NOBODY, [_view(table)], _started(ONE, 3))
    assert table.asked == ["write"]


async def test_a_row_that_goes_is_deleted() -> None:
    """A fold that gives none takes the row out, once, and only where there was one."""
    table = Rows({(ONE,): 1})
    gone = facts_of(ONE, QuoteDeclined(offer=1), after=_started(ONE, 1))
    never = facts_of(TWO, QuoteDeclined(offer=1))
    await apply_views(NOBODY, [_view(table)], [*gone, *never])
    assert (table.rows, table.asked) == ({}, ["read", "delete"])


async def test_what_a_view_does_not_hear_costs_nothing() -> None:
    """Facts that a view is not interested in touch no table."""
    table = Rows()
    offered = QuoteOffered(offer=1, amount=Money(cents=1), valid_until_on=date(2026, 1, 1))
    await apply_views(NOBODY, [_view(table)], facts_of(ONE, offered))
    assert table.asked == []


async def test_a_history_has_a_row_for_each_fact_and_never_reads() -> None:
    """A history only grows: its rows are keyed by record and version."""
    table = Rows()
    view = _view(table, keys=by_event, is_history=True)
    await apply_views(NOBODY, [view], _started(ONE, 3))
    assert table.rows == {(ONE, 1): 1, (ONE, 2): 1, (ONE, 3): 1}
    assert table.asked == ["write"]


def test_what_begins_is_written_unseen_and_all_else_is_not() -> None:
    """Records that begin need no look; one older record among them, or one view, does."""
    table, history = Rows(), _view(Rows(), keys=by_event, is_history=True)
    started = _started(ONE, 1)
    written = write_unseen([_view(table), history], [*started, *_started(TWO, 2)])
    assert written is not None
    assert [one.arguments for one in written] == [
        [[(ONE,), (TWO,)]],
        [[(ONE, 1), (TWO, 1), (TWO, 2)]],
    ]
    assert table.asked == ["write"]
    later = _started(ONE, 1, started)
    assert write_unseen([history, _view(table)], [*_started(TWO, 1), *later]) is None
    assert write_unseen([history], later) is not None
    assert write_unseen([_view(table)], facts_of(ONE, QuoteDeclined(offer=1))) == []


@given(st.lists(st.sampled_from([1, 2, 3]), max_size=30), st.integers(min_value=0, max_value=30))
def test_two_batches_fold_to_what_one_does(order: list[int], cut: int) -> None:
    """Where a batch ends changes nothing in the rows, so a rebuild gives the same view."""
    facts: list[Recorded] = []
    for record in order:
        own = [fact for fact in facts if fact.record == UUID(int=record)]
        facts += _started(UUID(int=record), 1, own)
    view = _view(Rows())
    whole = fold_rows(view, {}, facts)
    first = fold_rows(view, {}, facts[:cut])
    assert {**first, **fold_rows(view, first, facts[cut:])} == whole


def test_a_key_begins_with_its_record() -> None:
    """Whatever else is in a key, the record can be told from it."""
    (fact,) = _started(ONE, 1)
    assert [record_of(keys(fact)[0]) for keys in (by_record, by_event)] == [ONE, ONE]
