"""A little service: one decider, one view, one reaction; enough to see the machinery at work."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from libs.events.database import Connection
from libs.events.decider import Decider
from libs.events.event import Event
from libs.events.queries import load_queries
from libs.events.recorded import Recorded
from libs.events.values import Category
from libs.events.view import Key, Statement, View
from libs.events.vocabulary.billing import InvoiceHoldReleased
from libs.events.vocabulary.quotes import ProjectStarted, QuoteDeclined
from libs.events.work import Reaction, Work

SQL = load_queries(Path(__file__).parent / "little.sql")
FORBIDDEN_FACTS = 1_000


@dataclass(frozen=True)
class Little:
    """How many facts a record has, and the last of them."""

    record: UUID
    facts: int
    last_name: str
    last_at: datetime


class LittleTable:
    """Keeps the rows of the view."""

    async def read(self, connection: Connection, keys: Collection[Key]) -> dict[Key, Little]:
        """The rows that are there."""
        rows = await connection.fetch(SQL["read_little"], [key[0] for key in keys])
        return {(row["record"],): Little(**row) for row in rows}

    def writing(self, rows: Mapping[Key, Little]) -> Statement:
        """Inserts or replaces rows."""
        names = ("record", "facts", "last_name", "last_at")
        columns = [[getattr(row, name) for row in rows.values()] for name in names]
        return Statement(SQL["write_little"], columns)

    async def delete(self, connection: Connection, keys: Collection[Key]) -> None:
        """Remove rows."""
        await connection.execute(SQL["delete_little"], [key[0] for key in keys])


def _fold(row: Little | None, recorded: Recorded, key: Key) -> Little:
    facts = (row.facts if row else 0) + 1
    return Little(key[0], facts, recorded.name, recorded.recorded_at)


HEARS: frozenset[type[Event]] = frozenset({ProjectStarted, QuoteDeclined, InvoiceHoldReleased})
LITTLE: View[Little] = View("little", HEARS, _fold, LittleTable())


def _decide(reason: str, _: int) -> tuple[Event, ...]:
    return (InvoiceHoldReleased(category=Category.BILLING, reason=reason),)


RELEASE: Decider[str, int] = Decider(0, lambda state, _: state + 1, _decide)
"""Says one fact for each command, so that what happened twice can be counted."""


@dataclass
class Reacting:
    """A reaction to ProjectStarted that fails for some records, or waits, when it is told to."""

    faults: dict[UUID, Exception] = field(default_factory=dict)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    calls: list[tuple[UUID, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nobody is held up at first."""
        self.may_go_on.set()

    @property
    def reactions(self) -> dict[type[Event], Reaction]:
        """What the inbox is given."""
        return {ProjectStarted: self.on_project_started}

    async def on_project_started(self, heard: Recorded, work: Work) -> None:
        """Decide one own fact about the same record."""
        self.calls.append((heard.record, heard.version))
        self.began.set()
        await self.may_go_on.wait()
        await work.handle(heard.record, "heard", RELEASE, cause=heard)
        if heard.record in self.faults:
            raise self.faults[heard.record]


Rows = list[dict[str, Any]]
