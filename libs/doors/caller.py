"""Who calls: staff, auditor or operator by a signed token; nothing is open by default."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
from fastapi import Request, Security
from fastapi.security import APIKeyQuery, HTTPAuthorizationCredentials, HTTPBearer
from joserfc.errors import JoseError
from joserfc.jws import extract_compact

from libs.doors.keys import keys_of
from libs.doors.refusals import NotSignedIn, RoleMissing
from libs.doors.tokens import ALGORITHM

_BEARER = HTTPBearer(auto_error=False, description="A token of `flux3d token --role …`.")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
_LINK = APIKeyQuery(name="token", auto_error=False, description="The token of a mailed link.")
InQuery = Annotated[str | None, Security(_LINK)]


class Caller(msgspec.Struct, frozen=True):
    """Someone of the company, known by a token."""

    name: str
    roles: frozenset[str]


def needs(*roles: str) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets in whoever has one of these roles.

    Raises: NotSignedIn, RoleMissing from the dependency.
    """

    async def caller_in_role(request: Request, bearer: Bearer = None) -> Caller:
        if bearer is None:
            message = "no bearer token came along"
            raise NotSignedIn(message)
        caller = _read(request, bearer.credentials)
        if not caller.roles.intersection(roles):
            message = f"this call needs one of the roles {', '.join(sorted(roles))}"
            raise RoleMissing(message)
        return caller

    return caller_in_role


async def optional_caller(request: Request, bearer: Bearer = None) -> Caller | None:
    """The caller, or none when no caller's token came along (a link's token is not one).

    Raises: NotSignedIn, when a caller's token came along and cannot be trusted.
    """
    if bearer is None or not _is_callers(bearer.credentials):
        return None
    return _read(request, bearer.credentials)


async def link_token(bearer: Bearer = None, token: InQuery = None) -> str | None:
    """The token of a mailed link, from `?token=` or from the Authorization header; none without."""
    if token:
        return token
    if bearer is None or _is_callers(bearer.credentials):
        return None
    return bearer.credentials


def _read(request: Request, token: str) -> Caller:
    keys = keys_of(request)
    claims = keys.tokens.read(token, now=keys.clock.now())
    return Caller(name=claims.name, roles=claims.roles)


def _is_callers(token: str) -> bool:
    try:
        return extract_compact(token.encode()).headers().get("alg") == ALGORITHM
    except (JoseError, ValueError):
        return False
