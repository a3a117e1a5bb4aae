"""How the tour's visitors, customers and staff call: through the gateway, over verified TLS."""

import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx

from deploy.native.stack import Stack
from libs.doors.tokens import issue_token
from libs.events.clock import MovableClock
from ops.tour.telling import NotSeen

TIMEOUT_SECONDS = 20.0
Json = dict[str, Any]


class Gateway:
    """Calls `/api` as somebody: a visitor, or staff with a fresh token."""

    def __init__(self, stack: Stack) -> None:
        """Trust only the stack's own certificate authority."""
        context = ssl.create_default_context(cafile=str(stack.gateway_root))
        self._stack = stack
        self._client = httpx.Client(
            base_url=stack.gateway_url, verify=context, timeout=TIMEOUT_SECONDS
        )
        self.clock = MovableClock(stack.home / "clock.json", reread_seconds=0)

    def get(self, path: str, *, role: str | None = None, **query: str) -> Json:
        """What a door shows.

        Raises: NotSeen, when it answers with a problem.
        """
        return _content(self.ask("GET", path, role=role, query=query))

    def post(
        self, path: str, body: Json | None = None, *, role: str | None = None, token: str = ""
    ) -> Json:
        """What a door answers to a write, made once under a new idempotency key.

        Raises: NotSeen, when it answers with a problem.
        """
        query = {"token": token} if token else {}
        return _content(self.ask("POST", path, role=role, body=body or {}, query=query))

    def ask(
        self,
        method: str,
        path: str,
        *,
        role: str | None = None,
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The bare answer, problem or not."""
        headers = {"Authorization": f"Bearer {self.token(role)}"} if role else {}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        return self._client.request(
            method, path, headers=headers, json=body, params=dict(query or {})
        )

    def token(self, role: str) -> str:
        """A token of this role for one call, dated by the stack's clock."""
        private_pem = (self._stack.secrets / "token-signing.pem").read_bytes()
        return issue_token(private_pem, name="tour", roles=[role], now=self.clock.now())

    def tls_version(self) -> str:
        """The protocol that a connection to the gateway speaks."""
        response = self._client.get("/api/erasures/signing-key")
        stream = response.extensions["network_stream"]
        version: str = stream.get_extra_info("ssl_object").version()
        return version

    def close(self) -> None:
        """Hang up."""
        self._client.close()


def _content(response: httpx.Response) -> Json:
    if response.is_error:
        door = f"{response.request.method} {response.url.path}"
        message = f"{door} said {response.status_code}: {response.text[:300]}"
        raise NotSeen(message)
    content: Json = response.json()
    return content


def split_link(url: str) -> tuple[str, str]:
    """The path and the token of a link from a letter."""
    parts = urlsplit(url)
    return parts.path, parse_qs(parts.query).get("token", [""])[0]
