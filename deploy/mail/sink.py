"""A mail server that delivers into a folder: what it writes there has left our hands."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

MESSAGE_BYTES_MAX = 10_000_000


class Mailbox:
    """Writes each message as one file that appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        """Deliver into a folder, which is made when it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._numbers = count(1)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the message; the sender hears 250 only once it is on disk."""
        content = envelope.content or b""
        self._write(content if isinstance(content, bytes) else content.encode())
        return "250 Message kept"

    def _write(self, content: bytes) -> None:
        instant = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        name = f"{instant}-{next(self._numbers)}"
        fresh = self._folder / f".{name}.part"
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._folder / f"{name}.eml")


async def serve(port: int, folder: Path) -> None:
    """Accept mail on the loopback until told to stop."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    session = partial(
        SMTP, Mailbox(folder), hostname="localhost", data_size_limit=MESSAGE_BYTES_MAX
    )
    async with await loop.create_server(session, "127.0.0.1", port):
        await stopped.wait()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mailbox", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.mailbox))


if __name__ == "__main__":
    main()
