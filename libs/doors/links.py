"""Tokens in mailed links: who has the mail may do one thing with one record, for a while."""

import base64
import hmac
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from libs.doors.key_file import KeyFile, Trusted
from libs.doors.refusals import LinkForged, LinkRefused

AUDIENCE = "flux3d-link"
ALGORITHM = "HS256"


def _base64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


_HEADER = _base64(msgspec.json.encode({"alg": ALGORITHM}))


class LinkClaims(msgspec.Struct, frozen=True):
    """What a genuine link allows."""

    purpose: str
    record: UUID
    expires_at: datetime
    nonce: str = ""


class _Body(msgspec.Struct, frozen=True):
    aud: str
    pur: str
    sub: UUID
    exp: int
    jti: str = ""


class Links:
    """Signs and reads the tokens of one service's links.

    Shape: the same inputs give the same token, so a repeated answer is the same to the byte.
    """

    def __init__(self, secret: bytes | KeyFile[OctKey]) -> None:
        """Sign with this secret, or the newest of a file; trust those of the file that hold."""
        if isinstance(secret, bytes):
            only = Trusted(OctKey.import_key(secret))
            self._keys: Callable[[], Trusted[OctKey]] = lambda: only
        else:
            self._keys = secret

    @classmethod
    def from_file(cls, path: Path) -> "Links":
        """Sign with the newest secret in this file, whichever it is at the time.

        Raises: FileNotFoundError, when the setup has not made it.
        """
        return cls(KeyFile(path, lambda text: OctKey.import_key(bytes.fromhex(text))))

    def sign(self, purpose: str, record: UUID, *, expires_at: datetime, nonce: str = "") -> str:
        """A token for one purpose and record; `nonce` tells apart what may be asked only once.

        Why:    each request gets a link, and the library takes ten times as long to write one.
        Source: RFC 7515 section 7.1; what is written here, the library reads.
        """
        claims = {
            "aud": AUDIENCE,
            "pur": purpose,
            "sub": str(record),
            "exp": int(expires_at.timestamp()),
            "jti": nonce,
        }
        signed = _HEADER + b"." + _base64(msgspec.json.encode(claims))
        seal = hmac.digest(self._keys().current.raw_value, signed, "sha256")
        return (signed + b"." + _base64(seal)).decode()

    def read(self, token: str, purpose: str, record: UUID, *, now: datetime) -> LinkClaims:
        """What the token allows, when it is genuine, still valid, and for this.

        Raises: LinkForged, when it was not made here; LinkRefused, when it is over or for another
        record or purpose. Neither text repeats the token.
        """
        body = self._open(token, now)
        if (body.aud, body.pur, body.sub) != (AUDIENCE, purpose, record):
            message = f"the link is not for this use of record {record}"
            raise LinkRefused(message)
        if now.timestamp() >= body.exp:
            message = f"the link to record {record} is over; ask for a new one"
            raise LinkRefused(message)
        expires_at = datetime.fromtimestamp(body.exp, UTC)
        return LinkClaims(purpose=body.pur, record=body.sub, expires_at=expires_at, nonce=body.jti)

    def _open(self, token: str, now: datetime) -> _Body:
        for key in self._keys().at(now):
            with suppress(JoseError, msgspec.ValidationError, ValueError, TypeError):
                decoded = jwt.decode(token, key, algorithms=[ALGORITHM])
                return msgspec.convert(decoded.claims, _Body)
        message = "the link was not made here or was changed on its way"
        raise LinkForged(message)
