"""The doors of the clocks: what is due, what is held, and what would go by a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from libs.doors.caller import needs
from libs.doors.fields import DateIn
from libs.doors.paging import Page, PageAsked
from libs.policy.calendar import end_of_day_at
from services.retention.api.schemas import ClockPage, GoingFigure, SimulationOut
from services.retention.api.showing import show_clock
from services.retention.projections.clock import ClockRow
from services.retention.store.clock_table import ClockReader, Place

FIRST_DAY, LAST_DAY = date(1, 1, 3), date(9999, 12, 30)
"""Beyond them a day's ends lie outside what a calendar can tell; no term ends there."""


@dataclass(frozen=True, kw_only=True)
class ClockDoors:
    """What may be asked about clocks; each method is one door."""

    reader: ClockReader

    def router(self) -> APIRouter:
        """The doors at their addresses."""
        router = APIRouter(prefix="/api", tags=["clocks"])
        workers = [Depends(needs("staff", "operator"))]
        insiders = [Depends(needs("staff", "operator", "auditor"))]
        operators = [Depends(needs("operator"))]
        router.get("/due", response_model=ClockPage, dependencies=workers)(self.due)
        router.get("/held", response_model=ClockPage, dependencies=insiders)(self.held)
        own_port = partial(router.get, include_in_schema=False)
        own_port("/simulation", dependencies=operators)(self.simulate)
        return router

    async def due(self, page: PageAsked, before: DateIn | None = None) -> Response:
        """Lists the terms that end before a day, soonest first, and why."""
        end = _midnight_before(before) if before else _last()
        rows = await self.reader.list_due(end, _place(page), page.limit + 1)
        shown, next_after = _cut(rows, page)
        return page.answer([show_clock(row) for row in shown], next_after=next_after)

    async def held(self, page: PageAsked) -> Response:
        """Lists what the law holds, on which basis and until when."""
        after = (UUID(page.after[0]), page.after[1]) if page.after else None
        rows = await self.reader.list_held(after, page.limit + 1)
        shown = rows[: page.limit]
        has_more = len(rows) > page.limit
        next_after = (str(shown[-1].record), shown[-1].category) if has_more else None
        return page.answer([show_clock(row) for row in shown], next_after=next_after)

    async def simulate(self, page: PageAsked, at: DateIn) -> SimulationOut:
        """Tells what would have gone by the end of a day, and why; nothing is changed."""
        end = end_of_day_at(min(at, LAST_DAY))
        counted = await self.reader.count_going(end)
        rows = await self.reader.list_going(end, _place(page), page.limit + 1)
        shown, next_after = _cut(rows, page)
        return SimulationOut(
            at=at,
            figures=[
                GoingFigure(clause=clause, state=state, categories=categories)
                for clause, state, categories in counted
            ],
            items=[show_clock(row) for row in shown],
            next=page.cursors.sign(page.scope, next_after) if next_after else None,
        )


def _midnight_before(day: date) -> datetime:
    within = min(max(day, FIRST_DAY), LAST_DAY)
    return end_of_day_at(within - timedelta(days=1))


def _last() -> datetime:
    return end_of_day_at(LAST_DAY)


def _place(page: Page) -> Place | None:
    if page.after is None:
        return None
    due_at, record, category = page.after
    return datetime.fromisoformat(due_at), UUID(record), category


def _cut(rows: Sequence[ClockRow], page: Page) -> tuple[Sequence[ClockRow], tuple[Any, ...] | None]:
    """The rows to show, and where the next page begins when there is one."""
    shown = rows[: page.limit]
    if len(rows) <= page.limit:
        return shown, None
    last = shown[-1]
    due_at = last.due_at.isoformat() if last.due_at else ""
    return shown, (due_at, str(last.record), last.category)
