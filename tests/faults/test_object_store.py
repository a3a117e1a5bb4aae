"""The bucket is away, slow, or says no: orders and requests go on, and every document comes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from deploy.native.stack import Stack
from ops.service_doors import ServiceDoors
from tests.faults.changed_parts import Change, changed, is_ready, stopped
from tests.faults.extent import Extent
from tests.faults.load import Load, loaded
from tests.faults.proxy import Proxy, proxied
from tests.faults.whole_stack import Whole
from tests.integration.libs.events.pieces import until

LATER_SECONDS = 120.0
FAILED = 'flux3d_effect_failures_total{effect="store_invoice"}'
pytestmark = pytest.mark.timeout(900)

TROUBLES: dict[str, Callable[[Proxy], None]] = {
    "slow": lambda proxy: setattr(proxy.back, "delay_seconds", 30.0),
    "trickling": lambda proxy: setattr(proxy.back, "bytes_per_second", 20.0),
    "silent": lambda proxy: proxy.back.block(),
}
ANSWERS = {"SlowDown": 503, "InternalError": 500}


async def test_f35_bucket_is_down_and_only_documents_wait(extent: Extent, whole: Whole) -> None:
    """Invoices are issued without it; when it is back each has its document, and no other is."""
    async with loaded(whole.stack, seed="f35") as load:
        await load.goes_on(5)
        async with stopped(whole.stack, "objects"):
            await invoices_wait(load, extent.of(1, 20))
            await load.goes_on(10)
        await load.goes_on(5)
    figure = await load.settled(in_haste=not extent.whole)
    assert await broken_clauses(whole.stack) == []
    extent.saw(f"invoices issued without a bucket, no document missing: {figure}")


async def test_f36_slow_bucket_is_given_up_soon_and_asked_again(
    extent: Extent, whole: Whole
) -> None:
    """A call ends long before the client's own five minutes; nobody else waits for it."""
    stack = whole.stack
    async with proxied(stack.ports.s3) as proxy, with_bucket_at(stack, proxy.port):
        async with loaded(stack, seed="f36-slow") as load:
            for trouble in TROUBLES.values():
                trouble(proxy)
                await invoices_wait(load, extent.of(1, 10))
                await load.goes_on(10)
                mend(proxy)
        figure = await load.settled(in_haste=not extent.whole)
    assert await broken_clauses(stack) == []
    extent.saw(f"{', '.join(TROUBLES)}: {figure}")


async def test_f36_bucket_that_says_no_is_asked_again(extent: Extent, whole: Whole) -> None:
    """An error of the store, or its wish to be spared, delays documents and nothing else."""
    stack, refusal = whole.stack, Refusal()
    async with (
        loaded(stack, seed="f36-no") as load,
        refusing(refusal) as port,
        with_bucket_at(stack, port),
    ):
        for refusal.code in ANSWERS:
            await invoices_wait(load, extent.of(1, 10))
            await load.goes_on(10)
    figure = await load.settled(in_haste=not extent.whole)
    assert refusal.said.keys() == ANSWERS.keys()
    assert await broken_clauses(stack) == []
    extent.saw(
        f"{', '.join(f'{count} x {code}' for code, count in refusal.said.items())}: {figure}"
    )


def mend(proxy: Proxy) -> None:
    """The way to the bucket is as it was; calls that hang in it are broken off."""
    proxy.back.delay_seconds, proxy.back.bytes_per_second = 0.0, None
    proxy.back.unblock()
    proxy.reset()


async def invoices_wait(load: Load, count: int) -> None:
    """Traffic goes on until so many more documents were tried in vain."""
    before = await tried_in_vain(load.stack)

    async def are_tried() -> bool:
        return await tried_in_vain(load.stack) >= before + count

    await until(are_tried, seconds=LATER_SECONDS)


async def tried_in_vain(stack: Stack) -> float:
    """How often billing could not put a document on the shelf, as it counts itself."""
    async with httpx.AsyncClient(base_url=stack.service_url("billing")) as client:
        shown = (await client.get("/metrics")).text
    counts = (line.rpartition(" ")[2] for line in shown.splitlines() if line.startswith(FAILED))
    return sum(map(float, counts))


@asynccontextmanager
async def with_bucket_at(stack: Stack, port: int) -> AsyncIterator[None]:
    """Billing at work, with its bucket at another port."""
    settings = {"FLUX3D_BILLING_S3_ENDPOINT": f"127.0.0.1:{port}"}
    async with changed(stack, "billing", Change(settings)):
        await is_ready(stack, "billing")
        yield


async def broken_clauses(stack: Stack) -> list[str]:
    """What billing's own evidence finds wrong: a document missing, one left behind, …."""
    doors = ServiceDoors(stack, "billing")
    shown = await asyncio.to_thread(doors.get, "/api/evidence/billing")
    assert shown["clauses"]
    return [one["clause"] for one in shown["clauses"] if one["verdict"] == "broken"]


@dataclass
class Refusal:
    """With which error a store answers now, and how often it answered with which."""

    code: str = "SlowDown"
    said: Counter[str] = field(default_factory=Counter)

    def answer(self) -> bytes:
        """The whole answer to one call."""
        self.said[self.code] += 1
        body = f"<Error><Code>{self.code}</Code><Message>-</Message></Error>"
        head = f"HTTP/1.1 {ANSWERS[self.code]} No\r\nContent-Type: application/xml\r\n"
        rest = f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
        return f"{head}{rest}".encode()


@asynccontextmanager
async def refusing(refusal: Refusal) -> AsyncIterator[int]:
    """The port of an object store that refuses every call."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(refusal.answer())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
