"""The OpenAPI document of a service: every answer that a door can give, and no other.

Why: what the framework writes by itself knows nothing of problems, idempotency keys and refusals.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from libs.doors.idempotency import HEADER, KEY_PATTERN, asked_once
from libs.doors.problems import MEDIA_TYPE, Problem

Json = dict[str, Any]
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": True,
    "description": "8 to 128 visible ASCII characters, new for each request.",
    "schema": {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
}
_ALWAYS = {500, 503}
_SIGNED_IN = {401, 403}
_BODY = {400, 413, 415, 422}
_WRITES_ONLY = {429}
_WRITE = {400, 409, 422, *_WRITES_ONLY}
_REFERENCE = "#/components/schemas/{model}"
_HEADERS: Mapping[int, str] = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
_WORDS = {413: "Content Too Large", 422: "Unprocessable Content"}


class DescribedApp(FastAPI):
    """An application whose document tells each operation's problems by status."""

    refusal_statuses: Collection[int] = ()
    """What the rules of the service say no with."""

    def openapi(self) -> Json:
        """The document, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            for path, method in writes(self.routes):
                parameters = document["paths"][path][method].setdefault("parameters", [])
                parameters.append(dict(_KEY))
            self.openapi_schema = describe(document, self.refusal_statuses)
        return self.openapi_schema


def writes(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Path and method, as a document names them, of each door that is asked under a key."""
    for route in routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            depends_on = {one.call for one in route.dependant.dependencies}
            if asked_once in depends_on:
                yield from ((route.path_format, method.lower()) for method in route.methods or ())


def describe(document: Json, refusals: Collection[int]) -> Json:
    """The document with every operation's problems."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas.update(_problem_schemas())
    for path in document["paths"].values():
        for operation in path.values():
            _describe_problems(operation, refusals)
    return document


def _problem_schemas() -> Json:
    schema = Problem.model_json_schema(ref_template=_REFERENCE)
    return {**schema.pop("$defs"), "Problem": schema}


def _describe_problems(operation: Json, refusals: Collection[int]) -> None:
    responses = {status: said for status, said in operation["responses"].items() if status != "422"}
    responses |= {
        str(status): _problem(status) for status in sorted(_statuses(operation, refusals))
    }
    operation["responses"] = responses


def _statuses(operation: Json, refusals: Collection[int]) -> set[int]:
    parameters = operation.get("parameters", ())
    names = {parameter["name"] for parameter in parameters}
    found = set(_ALWAYS)
    if operation.get("security"):
        found |= _SIGNED_IN
    if parameters:
        found.add(422)
    if "cursor" in names:
        found.add(400)
    if HEADER in names:
        found |= _WRITE
    if "requestBody" in operation:
        found |= _BODY
    if HEADER in names or any(parameter["in"] == "path" for parameter in parameters):
        found |= set(refusals) - _WRITES_ONLY
    return found


def _problem(status: int) -> Json:
    name = _HEADERS.get(status)
    told = {"headers": {name: {"schema": {"type": "string"}}}} if name else {}
    return {
        "description": _WORDS.get(status) or HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}},
        **told,
    }
