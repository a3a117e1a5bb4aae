"""Starts the small service as a process of its own, and reads what it logs."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from deploy.native.service_environment import service_environment
from deploy.native.stack import CHECKOUT, Stack
from deploy.native.testing import FreshDatabase

DEADLINE_SECONDS = 20.0
Start = Callable[..., Awaitable["RunningProcess"]]


@dataclass
class RunningProcess:
    """A service that runs beside the test."""

    process: asyncio.subprocess.Process
    http: httpx.AsyncClient
    lines: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""

    async def until(self, event: str) -> dict[str, Any]:
        """The next line that logs this event."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while (line := await self._next_line()) is not None:
                if line.get("event") == event:
                    return line
        message = f"{event} was never logged:\n{self.text[-3000:]}"
        raise AssertionError(message)

    async def stop(self) -> int:
        """Ask it to stop, and its exit code."""
        if self.process.returncode is None:
            self.process.terminate()
        return await self.ended()

    async def ended(self) -> int:
        """Its exit code, once it has ended; what it still logged is read to the end."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while await self._next_line() is not None:
                continue
            return await self.process.wait()

    def rss_megabytes(self) -> float:
        """How much memory it holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        kilobytes = next(x.split()[1] for x in status.splitlines() if x.startswith("VmRSS"))
        return int(kilobytes) / 1024

    async def _next_line(self) -> dict[str, Any] | None:
        assert self.process.stdout is not None
        raw = await self.process.stdout.readline()
        self.text += raw.decode()
        if not raw:
            return None
        line: dict[str, Any] = msgspec.json.decode(raw) if raw.startswith(b"{") else {}
        self.lines.append(line)
        return line


@pytest.fixture
def environment(stack: Stack, database: Callable[[str], FreshDatabase]) -> dict[str, str]:
    """What the small service is told: databases of its own and a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return service_environment(stack, "quotes") | {
        "FLUX3D_QUOTES_HTTP_PORT": str(port),
        "FLUX3D_QUOTES_DATABASE_URL": database("quotes").url(),
        "FLUX3D_QUOTES_KEYRING_URL": database("keyring").url("quotes"),
    }


@pytest.fixture
async def start(environment: dict[str, str]) -> AsyncIterator[Start]:
    """Starts the small service, with some of its environment changed; ended afterwards."""
    async with AsyncExitStack() as opened:

        async def started(**changed: str) -> RunningProcess:
            variables = {**environment, **changed}
            base_url = f"http://127.0.0.1:{variables['FLUX3D_QUOTES_HTTP_PORT']}"
            running = RunningProcess(
                process=await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "tests.integration.libs.runtime.small_service"),
                    cwd=CHECKOUT,
                    env={**os.environ, **variables},
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                ),
                http=await opened.enter_async_context(httpx.AsyncClient(base_url=base_url)),
            )
            opened.push_async_callback(running.stop)
            return running

        yield started


@asynccontextmanager
async def forwarding(port: int, target: str) -> AsyncIterator[None]:
    """Listen on a port of 127.0.0.1 and pass every connection on to the target."""
    host, _, target_port = target.rpartition(":")
    passing: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(host, int(target_port))
        for source, sink in ((reader, there[1]), (there[0], writer)):
            task = asyncio.create_task(_pass_on(source, sink))
            passing.add(task)
            task.add_done_callback(passing.discard)

    async with await asyncio.start_server(accept, "127.0.0.1", port):
        yield
        for task in list(passing):
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while piece := await source.read(65536):
            sink.write(piece)
            await sink.drain()
    except ConnectionError:
        return
    finally:
        sink.close()
