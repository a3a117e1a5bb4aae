"""Views: what a service can be asked, folded from its own facts and always rebuildable."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from libs.events.database import Connection
from libs.events.event import Event
from libs.events.recorded import Recorded

Key = tuple[Any, ...]
Row = TypeVar("Row")


class Statement(NamedTuple):
    """One statement and its arguments, still to be carried out."""

    text: str
    arguments: Sequence[Any]


class ViewTable(Protocol[Row]):
    """Rows of one view in and out of its table.

    Why: statements name the table without a schema, so a rebuild can run the same statements on
    a shadow of it by `search_path`.
    """

    async def read(self, connection: Connection, keys: Collection[Key]) -> dict[Key, Row]:
        """The rows that are there, by key."""
        ...

    def writing(self, rows: Mapping[Key, Row]) -> Statement:
        """What inserts or replaces these rows, whole; no `with` of its own that changes rows."""
        ...

    async def delete(self, connection: Connection, keys: Collection[Key]) -> None:
        """Remove the rows with these keys."""
        ...


def by_record(recorded: Recorded) -> tuple[Key, ...]:
    """One row per record: the usual key."""
    return ((recorded.record,),)


def by_event(recorded: Recorded) -> tuple[Key, ...]:
    """One row per event: the key of a history."""
    return ((recorded.record, recorded.version),)


@dataclass(frozen=True)
class View(Generic[Row]):
    """One question a service answers, as a pure fold and the table that keeps its rows.

    Shape: `name` is the table's name; `fold(row or None, recorded, key)` gives the row as it is
    after the event, or none when it goes; a `history` has a row per event and never reads first.
    """

    name: str
    hears: frozenset[type[Event]]
    fold: Callable[[Row | None, Recorded, Key], Row | None]
    table: ViewTable[Row]
    keys: Callable[[Recorded], tuple[Key, ...]] = by_record
    is_history: bool = False


async def apply_views(
    connection: Connection, views: Sequence[View[Any]], recorded: Sequence[Recorded]
) -> None:
    """Bring every view up to these facts: one read and one write per view and batch."""
    for view in views:
        heard = [one for one in recorded if type(one.event) in view.hears]
        if heard:
            await _apply_view(connection, view, heard)


def write_unseen(
    views: Sequence[View[Any]], recorded: Sequence[Recorded]
) -> list[Statement] | None:
    """What brings every view up to these facts without a look at its rows; none where one is due.

    Why: of a record that begins there is no row, so all of it can be written with the facts.
    """
    statements: list[Statement] = []
    for view in views:
        heard = [one for one in recorded if type(one.event) in view.hears]
        if not heard:
            continue
        if _known_before(view, heard):
            return None
        rows = {key: row for key, row in fold_rows(view, {}, heard).items() if row is not None}
        if rows:
            statements.append(view.table.writing(rows))
    return statements


async def _apply_view(connection: Connection, view: View[Any], heard: list[Recorded]) -> None:
    wanted = _known_before(view, heard)
    before = await view.table.read(connection, wanted) if wanted else {}
    after = fold_rows(view, before, heard)
    written = {key: row for key, row in after.items() if row is not None}
    gone = [key for key, row in after.items() if row is None and key in before]
    if written:
        text, arguments = view.table.writing(written)
        await connection.execute(text, *arguments)
    if gone:
        await view.table.delete(connection, gone)


def _known_before(view: View[Any], heard: Sequence[Recorded]) -> set[Key]:
    """The keys whose rows may be there already: none of those that begin in this batch."""
    is_new: dict[Key, bool] = {}
    for one in heard:
        for key in view.keys(one):
            if key not in is_new:
                is_new[key] = _is_new(view, one)
    return {key for key, begins in is_new.items() if not begins}


def _is_new(view: View[Any], recorded: Recorded) -> bool:
    return view.is_history or (recorded.version == 1 and view.keys is by_record)


def fold_rows(
    view: View[Any], before: Mapping[Key, Any], heard: Sequence[Recorded]
) -> dict[Key, Any]:
    """The touched rows as they are after these facts; none where a row goes."""
    rows: dict[Key, Any] = {}
    for one in heard:
        for key in view.keys(one):
            row = rows[key] if key in rows else before.get(key)
            rows[key] = view.fold(row, one, key)
    return rows


def record_of(key: Key) -> UUID:
    """The record that a key begins with."""
    record: UUID = key[0]
    return record
