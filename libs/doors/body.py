"""What is turned away before it is read: a body too large, or one that is not JSON."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.doors.problems import http_problem, problem_response

BODY_BYTES_MAX = 256 * 1024


class BodyGate:
    """Refuses by the headers alone; a body of unknown length is counted while it is read.

    Why: the framework's own limit answers in plain text.
    """

    def __init__(self, app: ASGIApp, *, bytes_max: int = BODY_BYTES_MAX) -> None:
        """Stand before `app`."""
        self._app = app
        self._bytes_max = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer with a problem."""
        status = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else None
        if status is None:
            await self._app(scope, self._counting(receive), send)
            return
        detail = (
            f"a body has at most {self._bytes_max} bytes"
            if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            else None
        )
        headers = {"Connection": "close"}
        await problem_response(http_problem(status, detail), headers)(scope, receive, send)

    def _counting(self, receive: Receive) -> Receive:
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._bytes_max:
                raise HTTPException(413)
            return message

        return counted

    def _refusal(self, headers: Headers) -> int | None:
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            return 400
        if int(length) > self._bytes_max:
            return 413
        has_body = int(length) > 0 or "transfer-encoding" in headers
        return 415 if has_body and not _is_json(headers.get("content-type", "")) else None


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )
