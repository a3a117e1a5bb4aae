"""The door of auditors: every choice ever made, in pages or as one stream."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse

from libs.doors.caller import Caller, needs
from libs.doors.paging import Page, PageAsked
from services.consent.api.schemas import HistoryPage, Moment, Purpose, Visitor
from services.consent.app.handlers import Means, find_choices
from services.consent.projections.consent_history import PastChoice
from services.consent.store.readers import EARLIEST, LATEST, ConsentReader, HistoryFilter, Place

NDJSON = "application/x-ndjson"
_NO_RECORD = UUID(int=0)


@dataclass(frozen=True, kw_only=True)
class HistoryQuery:
    """Which choices an auditor asks for.

    Shape: `purpose` keeps the choices that changed the answer for it; the span is half open.
    """

    record: UUID | None = None
    visitor: Visitor | None = None
    purpose: Purpose | None = None
    from_at: Annotated[Moment | None, Query(alias="from")] = None
    to_at: Annotated[Moment | None, Query(alias="to")] = None


Auditor = Annotated[Caller, Depends(needs("auditor"))]
Asked = Annotated[HistoryQuery, Depends()]
Accepted = Annotated[str, Header(alias="Accept", include_in_schema=False)]


@dataclass(frozen=True, kw_only=True)
class HistoryDoors:
    """What an auditor may ask."""

    means: Means
    reader: ConsentReader

    def router(self) -> APIRouter:
        """The door at its address."""
        router = APIRouter(prefix="/api/consent-history", tags=["auditor"])
        lines: Any = {200: {"content": {NDJSON: {"schema": {"type": "string"}}}}}
        router.get("", response_model=HistoryPage, responses=lines)(self.history)
        return router

    async def history(
        self, _caller: Auditor, query: Asked, page: PageAsked, accept: Accepted = "*/*"
    ) -> Response:
        """Past choices, oldest first: a page, or all as lines when NDJSON is accepted."""
        wanted = await self._filter(query)
        if NDJSON in accept:
            return StreamingResponse(self._lines(wanted), media_type=NDJSON)
        return await self._page(wanted, page)

    async def _filter(self, query: HistoryQuery) -> HistoryFilter:
        return HistoryFilter(
            record=await self._record(query),
            purpose=query.purpose,
            from_at=query.from_at or EARLIEST,
            to_at=query.to_at or LATEST,
        )

    async def _record(self, query: HistoryQuery) -> UUID | None:
        if query.visitor is None:
            return query.record
        found = await find_choices(self.means, query.visitor)
        is_asked = query.record is None or query.record == found
        return found if found is not None and is_asked else _NO_RECORD

    async def _lines(self, wanted: HistoryFilter) -> AsyncIterator[bytes]:
        async for choice in self.reader.stream_history(wanted):
            yield msgspec.json.encode(choice) + b"\n"

    async def _page(self, wanted: HistoryFilter, page: Page) -> Response:
        rows = await self.reader.page_history(wanted, _place(page), page.limit + 1)
        items, more = rows[: page.limit], len(rows) > page.limit
        next_after = _after(items[-1]) if more else None
        return page.answer([msgspec.structs.asdict(item) for item in items], next_after=next_after)


def _after(last: PastChoice) -> tuple[datetime, UUID, int]:
    return last.recorded_at, last.record, last.version


def _place(page: Page) -> Place:
    if page.after is None:
        return Place()
    recorded_at, record, version = page.after
    return Place(datetime.fromisoformat(recorded_at), UUID(record), version)
