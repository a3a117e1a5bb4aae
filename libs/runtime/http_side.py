"""A process's own HTTP server: on 127.0.0.1 only, stopped by us and not by signals of its own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

DRAIN_SECONDS_MAX = 10
KEEP_ALIVE_SECONDS = 75
CONNECTIONS_MAX = 2048
"""Far beyond what the gateway sends at once; the answer to more is short and says little."""


class HttpServer(uvicorn.Server):
    """Serves an app until it is told to stop; signals are the process's matter."""

    def __init__(self, app: FastAPI, port: int) -> None:
        """Serve `app` on this port of 127.0.0.1."""
        super().__init__(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=port,
                loop="none",
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=CONNECTIONS_MAX,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=DRAIN_SECONDS_MAX,
                h11_max_incomplete_event_size=32 * 1024,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def stop(self, serving: "asyncio.Task[None]") -> None:
        """Take no new requests, finish those under way, within a bounded time."""
        self.should_exit = True
        await asyncio.wait([serving], timeout=DRAIN_SECONDS_MAX + 2)
