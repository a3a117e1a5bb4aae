"""The OpenAPI document of a service: every answer that a door can give, and no other.

Why: what the framework writes by itself knows nothing of problems, idempotency keys and refusals.
"""

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from libs.doors.idempotency import HEADER, KEY_PATTERN
from libs.doors.problems import MEDIA_TYPE, Problem

Json = dict[str, Any]
_KEY = {"type": "string", "pattern": f"^{KEY_PATTERN}$"}
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
            self.openapi_schema = describe(super().openapi(), self.refusal_statuses)
        return self.openapi_schema


def describe(document: Json, refusals: Collection[int]) -> Json:
    """The document with every operation's problems, and the key that a write needs."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas.update(_problem_schemas())
    for path in document["paths"].values():
        for operation in path.values():
            _describe_key(operation)
            _describe_problems(operation, refusals)
    return document


def _problem_schemas() -> Json:
    schema = Problem.model_json_schema(ref_template=_REFERENCE)
    return {**schema.pop("$defs"), "Problem": schema}


def _describe_key(operation: Json) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"].lower() == HEADER.lower():
            parameter.update(name=HEADER, required=True, schema=_KEY)


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
