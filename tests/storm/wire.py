"""Keep-alive connections to the gateway, as light as a client can be that is not what is tested."""

import asyncio
import json
import ssl
from collections import deque
from typing import Any, cast
from urllib.parse import quote, urlsplit

import httptools


class HungUp(Exception):
    """The connection ended, or said something that is no answer, before the answer was whole."""


class Wire:
    """Asks one host over TLS; a connection carries one request at a time.

    Why: at some hundred requests a second a full client takes a core that the services need.
    """

    def __init__(self, url: str, context: ssl.SSLContext) -> None:
        """Connect when first asked."""
        place = urlsplit(url)
        self._host, self._port = place.hostname or "", place.port or 443
        self._context = context
        self._idle: deque[_Line] = deque()
        self._head = f"Host: {place.netloc}\r\nAccept: application/json\r\n"

    async def ask(self, method: str, path: str, headers: dict[str, str], body: Any) -> "Heard":
        """What the host answered; `body` goes as JSON, none when there is none.

        Raises: HungUp, OSError.
        """
        line = await self._line()
        try:
            heard = await line.ask(self._request(method, path, headers, body))
        except BaseException:
            line.hang_up()
            raise
        if line.is_open:
            self._idle.append(line)
        return heard

    def close(self) -> None:
        """Hang up every connection that waits for work."""
        while self._idle:
            self._idle.pop().hang_up()

    async def _line(self) -> "_Line":
        while self._idle:
            line = self._idle.pop()
            if line.is_open:
                return line
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(
            _Line, self._host, self._port, ssl=self._context, server_hostname=self._host
        )
        return line

    def _request(self, method: str, path: str, headers: dict[str, str], body: Any) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        kind = "" if body is None else "Content-Type: application/json\r\n"
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        size = f"Content-Length: {len(content)}\r\n"
        return f"{method} {path} HTTP/1.1\r\n{self._head}{kind}{more}{size}\r\n".encode() + content


class Heard:
    """One answer of the host."""

    __slots__ = ("content", "headers", "status")

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self.status = 0
        self.content = b""
        self.headers: dict[str, str] = {}


def with_token(path: str, token: str | None) -> str:
    """The path with the token of a link."""
    return f"{path}?token={quote(token)}" if token else path


class _Line(asyncio.Protocol):
    """One connection; the parser calls the `on_…` methods."""

    def __init__(self) -> None:
        self.is_open = False
        self._waiting: asyncio.Future[Heard] | None = None
        self._listen_anew()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._fail(f"the connection was lost: {exc}")

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"no answer: {error}")
            self.hang_up()

    async def ask(self, request: bytes) -> Heard:
        self._listen_anew()
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def hang_up(self) -> None:
        self.is_open = False
        self._transport.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._heard.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)

    def on_message_complete(self) -> None:
        self._heard.status = self._parser.get_status_code()
        self._heard.content = b"".join(self._parts)
        if not self._parser.should_keep_alive():
            self.hang_up()
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(self._heard)

    def _listen_anew(self) -> None:
        self._heard, self._parts = Heard(), list[bytes]()
        self._parser = httptools.HttpResponseParser(self)

    def _fail(self, why: str) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(HungUp(why))
