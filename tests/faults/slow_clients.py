"""Clients that mean no good: they open connections and say little, slowly, or nothing at all."""

import select
import socket
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from deploy.native.stack import Stack

OPENERS = 24
HEAD = b"POST /api/quotes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SLOW_HEADERS = HEAD + b"X-Drip: "
SLOW_BODY = HEAD + b"Idempotency-Key: 0123456789\r\nContent-Length: 100000\r\n\r\n{"
IDLE = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"
ENDLESS = HEAD + b"X-Long: " + b"a" * 1_000_000 + b"\r\n\r\n"
CONNECT_SECONDS = 120.0


def open_many(stack: Stack, first: bytes, times: int) -> list[ssl.SSLSocket]:
    """So many connections that each have said this."""
    context = ssl.create_default_context(cafile=str(stack.gateway_root))

    def one(_: int) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", stack.ports.gateway), CONNECT_SECONDS)
        line = context.wrap_socket(plain, server_hostname="localhost")
        with suppress(OSError):  # the gateway may hang up while it is still spoken to
            line.sendall(first)
        return line

    with ThreadPoolExecutor(OPENERS) as openers:
        return list(openers.map(one, range(times)))


def drip_until_closed(lines: Sequence[ssl.SSLSocket], *, drop: bytes, seconds: float) -> int:
    """Say a little on each again and again; how many are still open after so many seconds."""
    left, deadline = list(lines), time.monotonic() + seconds
    while left and time.monotonic() < deadline:
        left = [line for line in left if not is_closed(line) and _says(line, drop)]
        time.sleep(0.5)
    return len(left)


def is_closed(line: ssl.SSLSocket) -> bool:
    """Whether the other side has hung up; what it still had to say is read and forgotten."""
    line.settimeout(0)
    heard = select.poll()  # `select` itself ends at a thousand descriptors
    heard.register(line, select.POLLIN)
    try:
        while line.pending() or heard.poll(0):
            if not line.recv(65_536):
                return True
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    except OSError:
        return True
    return False


def said(line: ssl.SSLSocket) -> bytes:
    """What the other side says until it hangs up or is silent."""
    line.settimeout(20)
    heard = b""
    with suppress(OSError):
        while part := line.recv(65_536):
            heard += part
            if b"\r\n\r\n" in heard:
                break
    return heard


def _says(line: ssl.SSLSocket, drop: bytes) -> bool:
    try:
        line.send(drop)
    except (ssl.SSLWantWriteError, BlockingIOError):
        return True
    except OSError:
        return False
    return True


def close_all(lines: Sequence[ssl.SSLSocket]) -> None:
    """Hang up."""
    for line in lines:
        line.close()
