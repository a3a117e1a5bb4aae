"""Tokens in mailed links: who has the mail may do one thing with one record, for a while."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from libs.doors.refusals import LinkForged, LinkRefused

AUDIENCE = "flux3d-link"
ALGORITHM = "HS256"


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

    def __init__(self, secret: bytes) -> None:
        """Sign with this secret."""
        self._key = OctKey.import_key(secret)

    def sign(self, purpose: str, record: UUID, *, expires_at: datetime, nonce: str = "") -> str:
        """A token for one purpose and record; `nonce` tells apart what may be asked only once."""
        claims = {
            "aud": AUDIENCE,
            "pur": purpose,
            "sub": str(record),
            "exp": int(expires_at.timestamp()),
            "jti": nonce,
        }
        return jwt.encode({"alg": ALGORITHM}, claims, self._key, algorithms=[ALGORITHM])

    def read(self, token: str, purpose: str, record: UUID, *, now: datetime) -> LinkClaims:
        """What the token allows, when it is genuine, still valid, and for this.

        Raises: LinkForged, when it was not made here; LinkRefused, when it is over or for another
        record or purpose. Neither text repeats the token.
        """
        body = self._open(token)
        if (body.aud, body.pur, body.sub) != (AUDIENCE, purpose, record):
            message = f"the link is not for this use of record {record}"
            raise LinkRefused(message)
        if now.timestamp() >= body.exp:
            message = f"the link to record {record} is over; ask for a new one"
            raise LinkRefused(message)
        expires_at = datetime.fromtimestamp(body.exp, UTC)
        return LinkClaims(purpose=body.pur, record=body.sub, expires_at=expires_at, nonce=body.jti)

    def _open(self, token: str) -> _Body:
        try:
            decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            return msgspec.convert(decoded.claims, _Body)
        except (JoseError, msgspec.ValidationError, ValueError, TypeError):
            message = "the link was not made here or was changed on its way"
            raise LinkForged(message) from None
