"""Answers questions from the views as they are live."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from libs.events.database import Pool
from libs.events.postgres_log import database_errors
from libs.events.queries import load_queries
from services.consent.projections.choice_now import ChoiceNow
from services.consent.projections.consent_history import PastChoice
from services.consent.projections.rights_request import RightsRequestRow
from services.consent.store.columns import with_tuples
from services.consent.store.consent_history_table import past_choice
from services.consent.store.rights_request_table import request_row

QUERIES = load_queries(Path(__file__).with_name("queries.sql"))
EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)
_BEFORE_ALL = UUID(int=0)
_PAGE_ROWS = 1000


@dataclass(frozen=True)
class Place:
    """Where a page of the history ended."""

    recorded_at: datetime = EARLIEST
    record: UUID = _BEFORE_ALL
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class HistoryFilter:
    """Which past choices are asked for: from this moment to before that one, all by default.

    Shape: `purpose` keeps the choices that changed the answer for it.
    """

    record: UUID | None = None
    purpose: str | None = None
    from_at: datetime = EARLIEST
    to_at: datetime = LATEST


@dataclass(frozen=True)
class ConsentReader:
    """Reads choices, their history and rights requests."""

    pool: Pool

    async def find_choice(self, record: UUID) -> ChoiceNow | None:
        """What counts for this record now."""
        return await self._choice("read_choice_now", [record])

    async def find_choice_at(self, record: UUID, at: datetime) -> ChoiceNow | None:
        """What counted for this record at that moment."""
        return await self._choice("find_choice_at", record, at)

    async def _choice(self, query: str, *args: object) -> ChoiceNow | None:
        with database_errors():
            row = await self.pool.fetchrow(QUERIES[query], *args)
        return ChoiceNow(**with_tuples(row, "refused_by_signal")) if row else None

    async def page_history(
        self, wanted: HistoryFilter, after: Place, limit: int
    ) -> list[PastChoice]:
        """Past choices in order of time, onward from a place."""
        with database_errors():
            if wanted.record is None:
                rows = await self._page_by_time(wanted, after, limit)
            else:
                rows = await self._page_of_record(wanted, after, limit)
        return [past_choice(row) for row in rows]

    async def _page_by_time(self, wanted: HistoryFilter, after: Place, limit: int) -> list[Any]:
        # One lower bound: a second one would mislead the planner about how much there is to read.
        start = after if after.recorded_at >= wanted.from_at else Place(wanted.from_at)
        place = (start.recorded_at, start.record, start.version)
        return await self.pool.fetch(
            QUERIES["page_history"], *place, wanted.to_at, wanted.purpose, limit
        )

    async def _page_of_record(self, wanted: HistoryFilter, after: Place, limit: int) -> list[Any]:
        span = (wanted.from_at, wanted.to_at, wanted.purpose, limit)
        query = QUERIES["page_history_of_record"]
        return await self.pool.fetch(query, wanted.record, after.version, *span)

    async def stream_history(self, wanted: HistoryFilter) -> AsyncIterator[PastChoice]:
        """All past choices asked for, page by page, so that no transaction stays open."""
        after = Place()
        while page := await self.page_history(wanted, after, _PAGE_ROWS):
            for choice in page:
                yield choice
            after = Place(page[-1].recorded_at, page[-1].record, page[-1].version)

    async def find_request(self, record: UUID) -> RightsRequestRow | None:
        """One rights request, or none."""
        with database_errors():
            row = await self.pool.fetchrow(QUERIES["read_rights_request"], [record])
        return request_row(row) if row else None

    async def count_open_requests(self, today_on: date) -> tuple[int, int]:
        """Confirmed requests that wait for an answer, and how many of them are late."""
        with database_errors():
            row = await self.pool.fetchrow(QUERIES["count_open_requests"], today_on)
        return row["waiting"], row["late"]
