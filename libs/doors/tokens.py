"""Signed tokens of staff, auditors and operators: short-lived, made by the command line."""

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from libs.doors.key_file import KeyFile, Trusted
from libs.doors.refusals import NotSignedIn

AUDIENCE = "flux3d"
ALGORITHM = "Ed25519"
"""The name RFC 9864 gives EdDSA with this curve."""

VALID_FOR_MAX = timedelta(hours=12)
ROLES = frozenset({"staff", "auditor", "operator"})


class TokenClaims(msgspec.Struct, frozen=True):
    """What a trusted token says: who calls, and in which roles."""

    name: str
    roles: frozenset[str]


def issue_token(
    private_pem: bytes,
    *,
    name: str,
    roles: Collection[str],
    now: datetime,
    valid_for: timedelta = timedelta(hours=1),
) -> str:
    """A token for `name` in these roles, valid from `now` on.

    Raises: ValueError, when a role is unknown or it would be valid for more than 12 hours.
    """
    unknown = sorted(set(roles) - ROLES)
    if unknown or not roles:
        message = f"a token needs roles out of {sorted(ROLES)}, not {unknown or 'none'}"
        raise ValueError(message)
    if not timedelta(0) < valid_for <= VALID_FOR_MAX:
        message = f"a token is valid for more than nothing and at most {VALID_FOR_MAX}"
        raise ValueError(message)
    issued_at = int(now.timestamp())
    claims = {
        "aud": AUDIENCE,
        "sub": name,
        "roles": sorted(roles),
        "iat": issued_at,
        "exp": issued_at + int(valid_for.total_seconds()),
    }
    key = OKPKey.import_key(private_pem)
    return jwt.encode({"alg": ALGORITHM}, claims, key, algorithms=[ALGORITHM])


class _Body(msgspec.Struct, frozen=True):
    aud: str
    sub: str
    roles: list[str]
    iat: int
    exp: int


class TokenVerifier:
    """Trusts tokens that carry the signature of a key that holds."""

    def __init__(self, public_pem: bytes | KeyFile[OKPKey]) -> None:
        """Trust what this Ed25519 key signed, or those of a file that hold."""
        if isinstance(public_pem, bytes):
            only = Trusted(OKPKey.import_key(public_pem))
            self._keys: Callable[[], Trusted[OKPKey]] = lambda: only
        else:
            self._keys = public_pem

    @classmethod
    def from_file(cls, path: Path) -> "TokenVerifier":
        """Trust the keys in this PEM file, whichever they are at the time.

        Raises: FileNotFoundError, when the setup has not made it.
        """
        return cls(KeyFile(path, OKPKey.import_key))

    def read(self, token: str, *, now: datetime) -> TokenClaims:
        """What the token says, once it is trusted.

        Raises: NotSignedIn, when it is forged, over, not yet valid, valid for too long, or for
        another audience; the text never repeats the token.
        """
        body = self._open(token, now)
        _check(body, now)
        return TokenClaims(name=body.sub, roles=frozenset(body.roles) & ROLES)

    def _open(self, token: str, now: datetime) -> _Body:
        for key in self._keys().at(now):
            with suppress(JoseError, msgspec.ValidationError, ValueError, TypeError):
                decoded = jwt.decode(token, key, algorithms=[ALGORITHM])
                return msgspec.convert(decoded.claims, _Body)
        message = "the token was not signed here or cannot be read"
        raise NotSignedIn(message)


def _check(body: _Body, now: datetime) -> None:
    if body.aud != AUDIENCE:
        message = "the token is for another audience"
        raise NotSignedIn(message)
    if body.exp - body.iat > VALID_FOR_MAX.total_seconds():
        message = f"the token is valid for longer than {VALID_FOR_MAX}"
        raise NotSignedIn(message)
    present = now.astimezone(UTC).timestamp()
    leeway_seconds = 5
    if not body.iat - leeway_seconds <= present < body.exp:
        message = "the token is over or not yet valid"
        raise NotSignedIn(message)
