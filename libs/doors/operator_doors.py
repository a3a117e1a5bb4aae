"""A service's doors for operators on its own port: what waits, what is parked, rebuilding views."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal, Protocol

import msgspec
import structlog
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from libs.doors.caller import Caller, needs
from libs.doors.fields import Line, Strict
from libs.doors.last_resort import where
from libs.events.errors import FluxError
from libs.events.parking import ParkedView, Retried
from libs.events.replay import Mode, ReplayProgress

Operator = Annotated[Caller, Depends(needs("operator"))]
LOG = structlog.get_logger("doors")
NDJSON = "application/x-ndjson"


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


class Rebuilding(Protocol):
    """Rebuilds the views of the service."""

    def run(self, name: str, mode: Mode) -> AsyncIterator[ReplayProgress]:
        """Rebuild one, step by step."""
        ...


class Measured(Protocol):
    """Knows what waits in the service."""

    async def status(self) -> msgspec.Struct:
        """Everything that waits now."""
        ...


class DropAsked(Strict):
    """Why a parked message is left out for good."""

    reason: Annotated[Line, Field(max_length=500)]


class ReplayAsked(Strict):
    """Which view to rebuild, and whether to count only, compare, or switch to it."""

    view: Annotated[str, Field(max_length=100)]
    mode: Literal["dry-run", "verify", "switch"] = "verify"


def operator_doors(parked: Parked, rebuilding: Rebuilding, measured: Measured) -> APIRouter:
    """`/ops/…`, each door for a token with the role operator."""
    router = APIRouter(prefix="/ops", include_in_schema=False)
    router.include_router(_parked_doors(parked))

    @router.get("/status")
    async def status(_: Operator) -> Response:
        return _json(await measured.status())

    @router.post("/replay")
    async def replay(asked: ReplayAsked, _: Operator) -> Response:
        steps = rebuilding.run(asked.view, asked.mode)
        first = await anext(steps)
        return StreamingResponse(_lines(first, steps), media_type=NDJSON)

    return router


def _parked_doors(parked: Parked) -> APIRouter:
    router = APIRouter(prefix="/parked")

    @router.get("")
    async def page(
        _: Operator,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        items = await parked.list(after=after, limit=limit)
        full = len(items) == limit
        return _json({"items": items, "next": items[-1].parked_id if full else None})

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


async def _lines(
    first: ReplayProgress, steps: AsyncIterator[ReplayProgress]
) -> AsyncIterator[bytes]:
    """One line a step; a rebuild that fails on its way ends with a line that says so."""
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
    LOG.error("replay_failed", kind=kind, place=where(error))
    return {"phase": "failed", "kind": kind, "detail": "see the log of the service"}


def _line(step: Any) -> bytes:
    return msgspec.json.encode(step) + b"\n"


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
