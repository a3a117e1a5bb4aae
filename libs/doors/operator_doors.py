"""A service's doors for operators on its own port: what waits, what is parked, rebuilding views."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Protocol
from uuid import UUID

import msgspec
import structlog
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, Field

from libs.doors.caller import Caller, needs
from libs.doors.fields import Line, Strict
from libs.doors.last_resort import where
from libs.events.errors import FluxError
from libs.events.hearing import Reason
from libs.events.hearing_stop import Stop
from libs.events.parking import DroppedView, ParkedView, Retried, RetriedMany
from libs.events.replay_wanted import Mode, ReplayProgress, Scope, Wanted

Operator = Annotated[Caller, Depends(needs("operator"))]
LOG = structlog.get_logger("doors")
NDJSON = "application/x-ndjson"
REASONS = {one.name.lower().replace("_", "-"): one for one in Reason}
"""Why messages are parked, as an operator types it."""


class Parked(Protocol):
    """The parked messages of the service."""

    async def list(self, *, after: int = 0, limit: int = 100) -> Sequence[ParkedView]:
        """A page of them."""
        ...

    async def show(self, parked_id: int) -> ParkedView:
        """One of them."""
        ...

    async def retry(self, parked_id: int) -> Retried:
        """Try it and what waits behind it."""
        ...

    async def drop(self, parked_id: int, *, because: str, by: str) -> Retried:
        """Leave it out for good."""
        ...

    async def retry_many(
        self, reason: Reason | None, *, after: int = 0, limit: int = 100
    ) -> RetriedMany:
        """Try what is parked for a reason, or all, some records at a time."""
        ...

    async def list_drops(self, *, after: int = 0, limit: int = 100) -> Sequence[DroppedView]:
        """A page of what was left out for good."""
        ...

    async def resume(self, *, by: str) -> Stop:
        """Let a service that stopped hearing go on."""
        ...


class Rebuilding(Protocol):
    """Rebuilds the views of the service."""

    def run(self, wanted: Wanted) -> AsyncIterator[ReplayProgress]:
        """Rebuild one, step by step."""
        ...

    def now(self) -> ReplayProgress | None:
        """The rebuild under way."""
        ...

    def pause(self, run_id: str) -> ReplayProgress:
        """Hold it."""
        ...

    def resume(self, run_id: str) -> ReplayProgress:
        """Let it go on."""
        ...

    def cancel(self, run_id: str) -> ReplayProgress:
        """End it."""
        ...


class Measured(Protocol):
    """Knows what waits in the service."""

    async def status(self) -> msgspec.Struct:
        """Everything that waits now."""
        ...


class DropAsked(Strict):
    """Why a parked message is left out for good."""

    reason: Annotated[Line, Field(max_length=500)]


class RetryAsked(Strict):
    """What to try again: what is parked for one reason, or all of it."""

    reason: Annotated[str | None, Field(pattern="^(" + "|".join(REASONS) + ")$")] = None
    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100


Offset = Annotated[int | None, Field(ge=0)]


class ReplayAsked(Strict):
    """Which view to rebuild, whether to count, compare or switch, how fast, and what to count."""

    view: Annotated[str, Field(max_length=100)]
    mode: Mode = "verify"
    messages_per_second: Annotated[float | None, Field(gt=0, le=1_000_000)] = None
    record: UUID | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    partition: Offset = None
    from_offset: Offset = None
    to_offset: Offset = None

    def wanted(self) -> Wanted:
        """The rebuild that is meant."""
        scope = self.model_dump(exclude={"view", "mode", "messages_per_second"})
        return Wanted(
            view=self.view,
            mode=self.mode,
            messages_per_second=self.messages_per_second,
            scope=Scope(**scope),
        )


def operator_doors(parked: Parked, rebuilding: Rebuilding, measured: Measured) -> APIRouter:
    """`/ops/…`, each door for a token with the role operator."""
    router = APIRouter(prefix="/ops", include_in_schema=False)
    router.include_router(_parked_doors(parked))

    @router.get("/status")
    async def status(_: Operator) -> Response:
        return _json(await measured.status())

    router.include_router(_replay_doors(rebuilding))
    return router


def _replay_doors(rebuilding: Rebuilding) -> APIRouter:
    router = APIRouter(prefix="/replay")

    @router.get("")
    async def now(_: Operator) -> Response:
        return _json({"under_way": rebuilding.now()})

    @router.post("")
    async def replay(asked: ReplayAsked, _: Operator) -> Response:
        steps = rebuilding.run(asked.wanted())
        first = await anext(steps)
        return StreamingResponse(lines_of(first, steps), media_type=NDJSON)

    @router.post("/{run_id}/pause")
    async def pause(run_id: str, _: Operator) -> Response:
        return _json(rebuilding.pause(run_id))

    @router.post("/{run_id}/resume")
    async def resume(run_id: str, _: Operator) -> Response:
        return _json(rebuilding.resume(run_id))

    @router.post("/{run_id}/cancel")
    async def cancel(run_id: str, _: Operator) -> Response:
        return _json(rebuilding.cancel(run_id))

    return router


def _parked_doors(parked: Parked) -> APIRouter:
    router = APIRouter(prefix="/parked")
    _add_doors_of_many(router, parked)

    @router.get("")
    async def page(
        _: Operator,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        return _page(await parked.list(after=after, limit=limit), limit)

    @router.get("/{parked_id}")
    async def show(parked_id: int, _: Operator) -> Response:
        return _json(await parked.show(parked_id))

    @router.post("/{parked_id}/retry")
    async def retry(parked_id: int, _: Operator) -> Response:
        return _json(await parked.retry(parked_id))

    @router.post("/{parked_id}/drop")
    async def drop(parked_id: int, asked: DropAsked, operator: Operator) -> Response:
        return _json(await parked.drop(parked_id, because=asked.reason, by=operator.name))

    return router


def _add_doors_of_many(router: APIRouter, parked: Parked) -> None:
    @router.get("/dropped")
    async def dropped(
        _: Operator,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        return _page(await parked.list_drops(after=after, limit=limit), limit)

    @router.post("/retry")
    async def retry_many(asked: RetryAsked, _: Operator) -> Response:
        reason = REASONS[asked.reason] if asked.reason else None
        return _json(await parked.retry_many(reason, after=asked.after, limit=asked.limit))

    @router.post("/resume")
    async def resume(operator: Operator) -> Response:
        return _json(await parked.resume(by=operator.name))


def _page(items: Sequence[ParkedView] | Sequence[DroppedView], limit: int) -> Response:
    """A page, and the id to go on after when there may be more."""
    following = items[-1].parked_id if len(items) == limit else None
    return _json({"items": items, "next": following})


async def lines_of(
    first: msgspec.Struct, steps: AsyncIterator[msgspec.Struct]
) -> AsyncIterator[bytes]:
    """One line a step; work that fails on its way ends with a line that says so."""
    yield _line(first)
    try:
        async for step in steps:
            yield _line(step)
    except Exception as error:  # noqa: BLE001 - the door: the answer has begun, so it ends in a line
        yield _line(_failed(error))


def _failed(error: Exception) -> dict[str, str]:
    kind = type(error).__name__
    if isinstance(error, FluxError):
        return {"phase": "failed", "kind": kind, "detail": str(error)}
    LOG.error("steps_failed", kind=kind, place=where(error))
    return {"phase": "failed", "kind": kind, "detail": "see the log of the service"}


def _line(step: Any) -> bytes:
    return msgspec.json.encode(step) + b"\n"


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
