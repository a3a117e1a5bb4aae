"""A service's doors for operators when Kafka was lost: hold the relay, fill, hear anew.

And when the log was: take back what only the topic still has.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Protocol

import msgspec
from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from libs.doors.fields import Strict
from libs.doors.operator_doors import NDJSON, Operator, lines_of


class Sending(Protocol):
    """The relay of the service, which can be held and filled again."""

    async def look(self) -> msgspec.Struct:
        """Whether it is held."""
        ...

    async def hold(self) -> msgspec.Struct:
        """Hold it, until nothing of it is under way."""
        ...

    async def fill(self) -> int:
        """Let it go with every fact of the log before it."""
        ...

    async def release(self) -> None:
        """Let it go on as it was."""
        ...


class Hearing(Protocol):
    """The ear of the service."""

    async def hear_anew(self, topic: str, *, by: str) -> msgspec.Struct:
        """Hear a topic from its beginning; what was had is dropped by record and version."""
        ...


class Restoring(Protocol):
    """The log of the service, which can take back what its topic still has."""

    def run(self, *, dry_run: bool) -> AsyncIterator[msgspec.Struct]:
        """Look at the whole topic, then put back; step by step."""
        ...


class PutBackAsked(Strict):
    """Whether only to look."""

    dry_run: bool = True


class AnewAsked(Strict):
    """Which topic is to be heard from its beginning."""

    topic: Annotated[str, Field(max_length=249)]


def bus_doors(sending: Sending, hearing: Hearing, restoring: Restoring) -> APIRouter:
    """`/ops/relay…`, `/ops/hearing/anew` and `/ops/log/put-back`, for the role operator."""
    router = APIRouter(prefix="/ops", include_in_schema=False)

    @router.get("/relay")
    async def relay(_: Operator) -> Response:
        return _json(await sending.look())

    @router.post("/relay/hold")
    async def hold(_: Operator) -> Response:
        return _json(await sending.hold())

    @router.post("/relay/fill")
    async def fill(_: Operator) -> Response:
        return _json({"added": await sending.fill()})

    @router.post("/relay/release")
    async def release(_: Operator) -> Response:
        await sending.release()
        return _json(await sending.look())

    @router.post("/hearing/anew")
    async def anew(asked: AnewAsked, operator: Operator) -> Response:
        return _json(await hearing.hear_anew(asked.topic, by=operator.name))

    @router.post("/log/put-back")
    async def put_back(asked: PutBackAsked, _: Operator) -> Response:
        steps = restoring.run(dry_run=asked.dry_run)
        first = await anext(steps)
        return StreamingResponse(lines_of(first, steps), media_type=NDJSON)

    return router


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")
