"""A service's doors for machines on its own port: is it alive, can it serve, what does it count."""

from typing import Protocol

import msgspec
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


class ReadyParts(Protocol):
    """Knows which parts are missing."""

    async def waiting_for(self) -> dict[str, str]:
        """The parts that do not answer, each with what is missing; empty when it can serve."""
        ...


def probe_doors(ready: ReadyParts) -> APIRouter:
    """`/livez` depends on nothing, `/readyz` says what it waits for, `/metrics` counts."""
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> Response:
        return Response("alive\n", media_type="text/plain")

    @router.get("/readyz")
    async def readyz() -> Response:
        waiting_for = await ready.waiting_for()
        body = {"ready": not waiting_for, "waiting_for": waiting_for}
        status = 503 if waiting_for else 200
        return Response(msgspec.json.encode(body), status, media_type="application/json")

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
