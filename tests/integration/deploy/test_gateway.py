"""The gateway as a caller meets it, with nobody behind it or a plain listener."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import httpx
import pytest

from deploy.native.stack import Stack
from tests.faults.slow_clients import SLOW_BODY, close_all, open_many

LIMIT_BYTES = 262_144
CHUNKED = b"POST /api/quotes HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that arrived, once the whole body did, as a service would."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if not self._body_is_whole():
            self.close_connection = True
            return
        body = json.dumps({key.lower(): value for key, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the library looks for this name

    def _body_is_whole(self) -> bool:
        if "Transfer-Encoding" not in self.headers:
            wanted = int(self.headers.get("Content-Length", "0"))
            return len(self.rfile.read(wanted)) == wanted
        while line := self.rfile.readline().strip():
            size = int(line, 16)
            if len(self.rfile.read(size + 2)) < size + 2 or size == 0:
                return size == 0
        return False

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def caller(stack: Stack) -> Iterator[httpx.Client]:
    """A client that trusts the stack's own authority and no other."""
    context = ssl.create_default_context(cafile=str(stack.gateway_root))
    with httpx.Client(base_url=stack.gateway_url, verify=context) as client:
        yield client


@pytest.fixture(scope="module")
def behind(stack: Stack) -> Iterator[None]:
    """A listener where the quotes service would be."""
    server = ThreadingHTTPServer(("127.0.0.1", stack.ports.service("quotes")), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def test_certificate_of_a_stranger_is_not_trusted(stack: Stack) -> None:
    """The gateway's authority is its own; the system's list does not know it."""
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(stack.gateway_url)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_certificate_covers_both_names_over_http2(stack: Stack, name: str) -> None:
    """Either address verifies, and HTTP/2 is offered."""
    context = ssl.create_default_context(cafile=str(stack.gateway_root))
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection((name, stack.ports.gateway)) as plain,
        context.wrap_socket(plain, server_hostname=name) as line,
    ):
        assert line.selected_alpn_protocol() == "h2"


def test_unknown_address_is_a_problem(caller: httpx.Client) -> None:
    """What has no route is 404 as a problem document."""
    answer = caller.get("/api/quotesque")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


@pytest.mark.parametrize(
    "path", ["/api/choices/x", "/api/rights-requests", "/api/erasures/x", "/api/due", "/api/orders"]
)
def test_absent_service_is_a_problem_with_a_wait(caller: httpx.Client, path: str) -> None:
    """A service that is away is 503 with Retry-After, whatever the gateway met."""
    answer = caller.get(path)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] in {"2", "3", "4", "5"}
    assert answer.json()["title"] == "Service unavailable"


@pytest.mark.parametrize("path", ["/api/quotes", "/nowhere", "/api/choices"])
@pytest.mark.usefixtures("behind")
def test_security_headers_are_on_every_answer(caller: httpx.Client, path: str) -> None:
    """Answers of services and of the gateway itself are equally guarded."""
    headers = caller.get(path).headers
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]


@pytest.mark.usefixtures("behind")
def test_forged_forwarding_headers_do_not_pass(caller: httpx.Client) -> None:
    """A caller cannot say where it comes from."""
    forged = {"X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6", "X-Real-IP": "6.6.6.6"}
    seen = caller.get("/api/quotes", headers=forged).json()
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert "forwarded" not in seen
    assert "x-real-ip" not in seen


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.usefixtures("behind")
def test_long_body_is_refused_as_a_problem(caller: httpx.Client, *, chunked: bool) -> None:
    """One byte over the limit is 413, said in advance or not."""
    body = b"x" * (LIMIT_BYTES + 1)
    answer = caller.post("/api/quotes", content=iter([body]) if chunked else body)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.usefixtures("behind")
def test_body_at_the_limit_passes(caller: httpx.Client) -> None:
    """The limit itself is allowed."""
    assert caller.post("/api/quotes", content=b"x" * LIMIT_BYTES).status_code == 200


@pytest.mark.parametrize("says", [b"", b" "], ids=["silent", "drop by drop"])
@pytest.mark.usefixtures("behind")
def test_body_that_does_not_come_is_a_problem_and_the_end(stack: Stack, says: bytes) -> None:
    """Who sends a part of a body hears 408 and is hung up on, whatever still drips in."""
    (line,) = lines = open_many(stack, SLOW_BODY, 1)
    heard, deadline = b"", time.monotonic() + 120
    line.settimeout(0.5)
    while time.monotonic() < deadline:
        try:
            if not (part := line.recv(65_536)):
                break
            heard += part
        except TimeoutError:
            line.send(says)
    else:
        pytest.fail("the gateway never hung up")
    close_all(lines)
    head, _, body = heard.partition(b"\r\n\r\n")
    assert b"408" in head.splitlines()[0]
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == 408


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabcde\r\n0\r\n\r\n",
        b"f" * 20 + b"\r\nabc\r\n0\r\n\r\n",
        b"3;" + b"a" * 5000 + b"\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabc\r\n0\r\nno trailer\r\n\r\n",
    ],
    ids=["no length", "wrong length", "no such length", "endless length", "no trailer"],
)
@pytest.mark.usefixtures("behind")
def test_body_whose_chunks_cannot_be_read_is_a_problem(stack: Stack, chunks: bytes) -> None:
    """What the caller garbled is 400, not a service that is away."""
    (line,) = lines = open_many(stack, CHUNKED + chunks, 1)
    head, _, body = said_with_body(line)
    close_all(lines)
    assert b"400" in head.splitlines()[0]
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == 400


def said_with_body(line: ssl.SSLSocket) -> tuple[bytes, bytes, bytes]:
    """All that the gateway says until it hangs up: head, divider, body."""
    line.settimeout(20)
    heard = b""
    while part := line.recv(65_536):
        heard += part
    return heard.partition(b"\r\n\r\n")


@pytest.mark.usefixtures("behind")
def test_logs_keep_no_secret_and_no_full_address(caller: httpx.Client, stack: Stack) -> None:
    """Cookies, tokens, query strings and the last part of an address never reach a log."""
    mark, record = f"canary{time.monotonic_ns()}", uuid4()
    headers = {"Cookie": f"a={mark}", "Authorization": f"Bearer {mark}", "Referer": mark}
    caller.get(f"/api/quotes/{record}?token={mark}", headers=headers)
    lines = _lines_with(stack, str(record))
    assert all(mark not in line for line in lines)
    assert all('"remote_ip":"127.0.0.0"' in line for line in lines)


@pytest.mark.parametrize(
    "path", ["/api/choices/{}", "/api/quotes/{}@x.example", "/{}", "/api/{}", "/api/orders/{}/{}"]
)
@pytest.mark.usefixtures("behind")
def test_logs_keep_no_word_that_somebody_typed(
    caller: httpx.Client, stack: Stack, path: str
) -> None:
    """Of a path only the door and a record's id are logged; a visitor's id is a person's (D5)."""
    typed, record = f"typed{time.monotonic_ns()}", uuid4()
    caller.get(path.format(typed, typed))
    caller.get(f"/api/quotes/{record}")
    _lines_with(stack, str(record))
    assert typed not in (stack.logs / "gateway-access.log").read_text()


def _lines_with(stack: Stack, mark: str) -> list[str]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        texts = [(stack.logs / name).read_text() for name in ("gateway-access.log", "gateway.log")]
        if found := [line for text in texts for line in text.splitlines() if mark in line]:
            return found
    raise AssertionError(mark)
