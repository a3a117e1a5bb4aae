"""Lists in pages: onward from a signed cursor, never by counting rows over."""

import base64
import binascii
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from fastapi import Depends, Query, Request, Response
from pydantic_core import to_json

from libs.doors.keys import keys_of
from libs.doors.refusals import CursorRefused

LIMIT_MAX = 200
LIMIT_DEFAULT = 50
CURSOR_CHARACTERS_MAX = 1000
_TAG_BYTES = 16


class Cursors:
    """Signs and reads the place in a list where the next page begins."""

    def __init__(self, secret: bytes) -> None:
        """Sign with this secret."""
        self._secret = secret

    def sign(self, scope: str, place: Sequence[Any]) -> str:
        """An opaque cursor for this list; ids and moments come back as text."""
        content = msgspec.json.encode(list(place))
        return base64.urlsafe_b64encode(self._tag(scope, content) + content).decode()

    def read(self, scope: str, cursor: str) -> tuple[Any, ...]:
        """The place that the cursor names.

        Raises: CursorRefused, when it was changed or is another list's.
        """
        try:
            raw = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            raw = b""
        tag, content = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(scope, content)):
            message = "the cursor was not made for this list; begin again without one"
            raise CursorRefused(message)
        return tuple(msgspec.json.decode(content))

    def _tag(self, scope: str, content: bytes) -> bytes:
        return hmac.digest(self._secret, scope.encode() + b"\0" + content, "sha256")[:_TAG_BYTES]


@dataclass(frozen=True)
class Page:
    """Which page is asked for, and how it is answered.

    Shape: `after` is the place where the page before ended, none for the first; ask the store for
    `limit + 1` rows to know whether there is a next one.
    """

    limit: int
    after: tuple[Any, ...] | None
    scope: str
    path: str
    filters: tuple[tuple[str, str], ...]
    cursors: Cursors

    def answer(self, items: Iterable[Any], *, next_after: Sequence[Any] | None) -> Response:
        """The page as `{"items", "next"}`, with a Link header when there is a next one."""
        cursor = None if next_after is None else self.cursors.sign(self.scope, next_after)
        body = {"items": list(items), "next": cursor}
        content = to_json(body, fallback=msgspec.to_builtins)
        return Response(content, media_type="application/json", headers=self._link(cursor))

    def _link(self, cursor: str | None) -> dict[str, str]:
        if cursor is None:
            return {}
        query = urlencode([*self.filters, ("limit", str(self.limit)), ("cursor", cursor)])
        return {"Link": f'<{self.path}?{query}>; rel="next"'}


async def paged(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=CURSOR_CHARACTERS_MAX)] = None,
) -> Page:
    """The dependency of every list: `page: PageAsked`.

    Raises: CursorRefused, when the cursor is not this list's.
    """
    cursors = Cursors(keys_of(request).secret_for("cursor"))
    filters = tuple(
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in {"limit", "cursor", "token"}
    )
    scope = f"{request.scope['route'].path}?{urlencode(filters)}"
    after = None if cursor is None else cursors.read(scope, cursor)
    return Page(
        limit=limit,
        after=after,
        scope=scope,
        path=request.url.path,
        filters=filters,
        cursors=cursors,
    )


PageAsked = Annotated[Page, Depends(paged)]
