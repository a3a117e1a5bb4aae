"""Callers that hang up in the middle of a request: what they asked for is there once, or not."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from uuid import uuid4

import asyncpg
import httpx
import pytest

from deploy.native.stack import Stack
from libs.events.queries import load_queries
from tests.faults.extent import Extent
from tests.faults.whole_stack import Whole
from tests.integration.libs.events.pieces import until
from tests.storm.traffic import CREATED, _request

pytestmark = pytest.mark.timeout(600)
QUERIES = load_queries(Path(__file__).with_name("bus.sql"))
STEP_SECONDS = 0.010
AT_ONCE = 60
AWAY = 503


def trust(stack: Stack) -> ssl.SSLContext:
    """What a caller of this gateway trusts."""
    return ssl.create_default_context(cafile=str(stack.gateway_root))


@asynccontextmanager
async def calling(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the gateway."""
    async with httpx.AsyncClient(
        base_url=stack.gateway_url, verify=trust(stack), timeout=30.0
    ) as client:
        yield client


async def ask(client: httpx.AsyncClient, key: str) -> httpx.Response:
    """Ask for a price under a key."""
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    return await client.post("/api/quotes", content=body_of(key), headers=headers)


def body_of(key: str) -> bytes:
    """What is asked for under a key, the same each time."""
    return json.dumps(_request(Random(key))).encode()


async def hang_up(stack: Stack, key: str, seconds: float) -> bool:
    """Ask, and drop the connection so long after; says whether nobody heard the answer."""
    body = body_of(key)
    head = (
        "POST /api/quotes HTTP/1.1",
        f"Host: localhost:{stack.ports.gateway}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Idempotency-Key: {key}",
    )
    reader, writer = await asyncio.open_connection(
        "localhost", stack.ports.gateway, ssl=trust(stack)
    )
    try:
        writer.write("\r\n".join((*head, "", "")).encode() + body)
        await writer.drain()
        await asyncio.wait_for(reader.read(1), seconds)
    except TimeoutError:
        return True
    finally:
        writer.transport.abort()
    return False


async def count(stack: Stack, query: str, *arguments: str) -> int:
    """What a query finds in the database of quotes."""
    connection = await asyncpg.connect(stack.database_url("quotes", "quotes"))
    try:
        return int(await connection.fetchval(QUERIES[query], *arguments))
    finally:
        await connection.close()


async def test_f11_callers_hang_up_at_each_moment(extent: Extent, whole: Whole) -> None:
    """Whoever hangs up after 0, 10, 20 … ms and asks again under the same key has it done once."""
    keys, early = [str(uuid4()) for _ in range(extent.of(30, 300))], 0
    before = await count(whole.stack, "count_named", "QuoteRequested")
    for at, key in enumerate(keys):
        early += await hang_up(whole.stack, key, (at % 30) * STEP_SECONDS)
    assert early > 0
    async with calling(whole.stack) as client:
        again = [await ask(client, key) for key in keys]
        assert {one.status_code for one in again} == {CREATED}
        assert [(await ask(client, key)).content for key in keys] == [one.content for one in again]
        crowd = await asyncio.gather(*(ask(client, str(uuid4())) for _ in range(AT_ONCE)))
    served = sum(one.status_code == CREATED for one in crowd)
    assert {one.status_code for one in crowd} <= {CREATED, AWAY}
    assert served > 0

    async def none_is_left_open() -> bool:
        return await count(whole.stack, "count_left_open") == 0

    await until(none_is_left_open)
    after = await count(whole.stack, "count_named", "QuoteRequested")
    assert after - before == len(keys) + served
    assert len({one.json()["id"] for one in again}) == len(keys)
    extent.saw(f"{early} of {len(keys)} callers hung up unanswered: each there once; pool whole")
