"""A log with many facts of many quotes, made as the product makes them, and its backlog."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from os import urandom
from pathlib import Path
from typing import Any

import asyncpg

from libs.events.clock import FixedClock
from libs.events.handle import Stamp
from libs.events.ids import RealIds
from libs.events.message import Message, to_message
from libs.events.personal import Personal
from libs.events.postgres_rows import to_recorded
from libs.events.queries import load_queries
from libs.events.recorded import Recorded
from libs.events.values import Category, Money, Owner
from libs.events.vocabulary.quotes import (
    QuoteDeclined,
    QuoteDetails,
    QuoteOffered,
    QuoteRequested,
)

QUERIES = load_queries(Path(__file__).with_name("backlog.sql"))
STAMP = Stamp(Owner.QUOTES, FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC)), RealIds())
OPEN_AT_ONCE = 100
"""So many quotes go side by side: their facts lie mixed, as in life."""

COPIED_AT_ONCE = 30_000
COLUMNS = (
    *("event_id", "record", "version", "name", "schema_version", "recorded_at"),
    *("correlation_id", "causation_id", "traceparent", "data"),
)
SPAN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"


@dataclass(frozen=True)
class Backlog:
    """A service's database whose log is long, and whose outbox holds what a slice is to send."""

    owner_url: str

    async def write(self, facts: int) -> None:
        """Make the log that long."""
        connection = await asyncpg.connect(self.owner_url)
        wanted = facts - await connection.fetchval(QUERIES["count_facts"])
        for at in range(0, wanted, COPIED_AT_ONCE):
            rows = list(_rows(min(COPIED_AT_ONCE, wanted - at)))
            await connection.copy_records_to_table("event", records=rows, columns=COLUMNS)
        await connection.execute(QUERIES["tidy"])
        await connection.close()

    async def fill(self, facts: int) -> None:
        """Let the first so many facts wait to be sent, and no others."""
        connection = await asyncpg.connect(self.owner_url)
        await connection.execute(QUERIES["empty_outbox"])
        await connection.execute(QUERIES["fill_outbox"], facts)
        await connection.close()

    async def newest_versions(self) -> dict[str, int]:
        """How far each record goes."""
        connection = await asyncpg.connect(self.owner_url)
        rows = await connection.fetch(QUERIES["newest_versions"])
        await connection.close()
        return {str(row["record"]): row["version"] for row in rows}

    async def messages(self, facts: int) -> list[Message]:
        """The first facts as they go over the wire."""
        connection = await asyncpg.connect(self.owner_url)
        rows = await connection.fetch(QUERIES["read_facts"], facts)
        await connection.close()
        return [to_message(to_recorded(row, STAMP.owner)) for row in rows]


def _rows(facts: int) -> Iterator[tuple[Any, ...]]:
    written = 0
    while True:
        lives = [_life(number) for number in range(OPEN_AT_ONCE)]
        for one in chain.from_iterable(zip(*lives, strict=True)):
            if written == facts:
                return
            yield (*(getattr(one, name) for name in COLUMNS[:8]), SPAN, one.data)
            written += 1


def _life(number: int) -> tuple[Recorded, ...]:
    """What becomes of one quote request: asked, offered, declined."""
    details = QuoteDetails(
        name=f"Zoë Quokka {number}",
        email=f"zoe.{number}@bench.example",
        brief=f"A lighthouse on rock {number}, low poly, three levels of detail. " * 4,
    )
    amount = Money(cents=1000 * number)
    events = (
        QuoteRequested(language="en", details=Personal(details)),
        QuoteOffered(offer=1, amount=amount, valid_until_on=date(2026, 4, 1)),
        QuoteDeclined(offer=1),
    )
    return STAMP.record(STAMP.ids.new(), [], events, secrets={Category.QUOTE: urandom(32)})
