"""Every refusal and failure as a problem document that names the field and never the value.

Source: RFC 9457.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from libs.doors.idempotency import Asked
from libs.doors.refusals import (
    CursorRefused,
    KeyMissing,
    KeyReused,
    LinkForged,
    LinkRefused,
    NotSignedIn,
    RoleMissing,
)
from libs.events.errors import Conflict, FluxError, NotFound, Refused, Unavailable, Unreadable
from libs.events.log import AlreadyAnswered
from libs.events.postgres_log import AWAY

LOG = structlog.get_logger("doors")
MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2
NOT_JSON = "the body is not JSON"
METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
STATUS: Mapping[type[FluxError], int] = {
    Refused: 409,
    NotFound: 404,
    NotSignedIn: 401,
    RoleMissing: 403,
    LinkForged: 401,
    LinkRefused: 403,
    KeyMissing: 400,
    KeyReused: 422,
    CursorRefused: 400,
    Conflict: 409,
    Unavailable: 503,
    Unreadable: 400,
}
"""What a refusal is at a door, unless the service says otherwise of its own."""

_TITLES = {
    Conflict: "Someone else changed this at the same moment.",
    Unavailable: "Something this needs does not answer now.",
    Unreadable: "The message cannot be understood.",
}
_HTTP_NAMES = {
    400: ("malformed-request", "The request cannot be read."),
    404: ("not-found", "There is nothing at this address."),
    405: ("method-not-allowed", "This address does not take that method."),
    413: ("body-too-large", "The request is larger than this door takes."),
    415: ("wrong-content-type", "The request must be JSON."),
}


class FieldProblem(BaseModel):
    """One field and what is wanted of it; `pointer` is an RFC 6901 pointer into the request."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """What went wrong, for people and machines (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[FieldProblem] | None = None


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response; 503 tells when to try again, 401 what is wanted."""
    extra = dict(headers or {})
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        extra.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    if problem.status == HTTPStatus.UNAUTHORIZED:
        extra["WWW-Authenticate"] = "Bearer"
    content = msgspec.json.encode(problem.model_dump(exclude_none=True))
    return Response(content, problem.status, media_type=MEDIA_TYPE, headers=extra)


def http_problem(status: int, detail: str | None = None) -> Problem:
    """The problem of a plain HTTP status."""
    name, title = _HTTP_NAMES.get(status, (f"http-{status}", "The request was not carried out."))
    return Problem(type=f"/problems/{name}", title=title, status=status, detail=detail)


def install_problems(app: FastAPI, refusals: Mapping[type[Refused], int]) -> None:
    """Answer every error of `app` with a problem; `refusals` is the service's own table."""
    table = dict(STATUS)
    table.update(refusals.items())

    async def on_flux_error(_: Request, error: Exception) -> Response:
        seconds = getattr(error, "retry_after_seconds", None)
        headers = {"Retry-After": str(seconds)} if seconds else None
        return problem_response(_flux_problem(error, table), headers)

    app.add_exception_handler(FluxError, on_flux_error)
    app.add_exception_handler(AlreadyAnswered, _on_answered)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    for outage in AWAY:
        app.add_exception_handler(outage, _on_outage)


def status_of(error: type[FluxError], table: Mapping[type[FluxError], int]) -> int:
    """The status of an error class: its own line of the table, else its nearest ancestor's."""
    return next((table[one] for one in error.__mro__ if one in table), 500)


def _flux_problem(error: Exception, table: Mapping[type[FluxError], int]) -> Problem:
    kind: type[Any] = type(error)
    status = status_of(kind, table)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        LOG.warning("door_unavailable", reason=kind.__name__)
    named = next((one for one in kind.__mro__ if one in _TITLES), None)
    title = _TITLES[named] if named else getattr(error, "title", "The request was refused.")
    pointer = getattr(error, "pointer", None)
    to_blame = [FieldProblem(pointer=pointer, detail=str(error) or title)] if pointer else None
    return Problem(
        type=f"/problems/{_kebab(kind.__name__)}",
        title=title,
        status=status,
        detail=None if status == HTTPStatus.SERVICE_UNAVAILABLE else str(error) or None,
        errors=to_blame,
    )


async def _on_answered(request: Request, _: Exception) -> Response:
    asked: Asked = request.state.asked
    earlier = await asked.earlier()
    if earlier is None:
        message = "the earlier answer to this key is gone; ask again with a new key"
        return problem_response(_flux_problem(Conflict(message), STATUS))
    return earlier


async def _on_outage(_: Request, error: Exception) -> Response:
    message = f"the database is away ({type(error).__name__})"
    return problem_response(_flux_problem(Unavailable(message), STATUS))


async def _on_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(_methods_at(request))}
    # The framework's 400 is a body that is no text, too deep, or a number without end.
    detail = NOT_JSON if status == HTTPStatus.BAD_REQUEST else None
    return problem_response(http_problem(status, detail), headers)


def _methods_at(request: Request) -> list[str]:
    """Every method of this address; the router itself names those of one route only."""
    asked = [(one, {**request.scope, "method": one}) for one in METHODS]
    return [
        one
        for one, scope in asked
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]


async def _on_invalid(_: Request, error: Exception) -> Response:
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    if any(one["type"] == "json_invalid" for one in found):
        return problem_response(http_problem(400, NOT_JSON))
    problem = Problem(
        type="/problems/invalid-request",
        title="Some fields are not as they should be.",
        status=422,
        errors=[FieldProblem(pointer=_pointer(one["loc"]), detail=_detail(one)) for one in found],
    )
    return problem_response(problem)


def _pointer(place: Iterable[str | int]) -> str:
    """Where the field is: a body field as its pointer, others below their kind."""
    steps = [str(step) for step in place]
    if steps[:1] == ["body"]:
        steps = steps[1:]
    text = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    return text.encode("utf-8", "replace").decode()[:400]


def _detail(found: Mapping[str, Any]) -> str:
    """What is wanted; pydantic's own words only where they cannot hold what came."""
    kind, context = found["type"], found.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", "is not as it should be"))
    if kind in _DETAILS:
        return _DETAILS[kind].format_map(context)
    return "is not as it should be"


_DETAILS = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this request",
    "string_type": "must be text",
    "string_unicode": "must be text without half characters (lone surrogates)",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "string_pattern_mismatch": "must be written like {pattern}",
    "literal_error": "must be one of {expected}",
    "enum": "must be one of {expected}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_long": "must have at most {max_length} items",
    "too_short": "must have at least {min_length} items",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "uuid_type": "must be a UUID as text",
    "uuid_parsing": "must be a UUID as text",
    "date_type": "must be a date as YYYY-MM-DD",
    "date_parsing": "must be a date as YYYY-MM-DD",
    "date_from_datetime_parsing": "must be a date that exists, as YYYY-MM-DD",
    "date_from_datetime_inexact": "must be a date as YYYY-MM-DD",
    "datetime_type": "must be a moment as RFC 3339 text",
    "datetime_parsing": "must be a moment as RFC 3339 text",
    "datetime_from_date_parsing": "must be a moment as RFC 3339 text",
    "timezone_aware": "must name its offset from UTC",
}


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
