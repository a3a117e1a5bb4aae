"""A write that comes twice with the same Idempotency-Key is done once and answered twice.

Source: draft-ietf-httpapi-idempotency-key-header-07.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from fastapi import Request, Response

from libs.doors.earlier import EarlierAnswers
from libs.doors.keys import keys_of
from libs.doors.refusals import KeyMissing, KeyReused
from libs.events.log import Answer

HEADER = "Idempotency-Key"
KEY_PATTERN = "[!-~]{8,128}"
_USABLE = re.compile(KEY_PATTERN)


@dataclass(frozen=True)
class Asked:
    """One write as it was asked: under which key, at which door, with which body.

    Shape: key and body are kept as keyed hashes only.
    """

    scope: str
    key_hash: bytes
    fingerprint: bytes
    answers: EarlierAnswers = field(compare=False, repr=False)

    def answer(self, status: int, body: Mapping[str, Any], *, at: datetime) -> Answer:
        """The answer to keep with the facts, for `desk.handle(…, answer=…)`."""
        return Answer(
            scope=self.scope,
            key_hash=self.key_hash,
            fingerprint=self.fingerprint,
            status=status,
            body=msgspec.json.encode(body).decode(),
            answered_at=at,
        )

    async def earlier(self) -> Response | None:
        """The stored answer when this key was answered before, else none.

        Shape: call it after the caller or link was checked, before any work.
        Raises: KeyReused, when the key came with another request.
        """
        row = await self.answers.find(self.scope, self.key_hash)
        if row is None:
            return None
        if not hmac.compare_digest(row["fingerprint"], self.fingerprint):
            message = "the key was used before with another request; use a new key for a new one"
            raise KeyReused(message)
        return Response(
            content=row["body"],
            status_code=row["status"],
            media_type="application/json",
            headers={"Idempotency-Replayed": "true"},
        )


async def asked_once(request: Request) -> Asked:
    """The dependency of every write; those with one key are let in one after another.

    Why:    the header is read here, because to declare it costs as much as all the rest of this;
            the document of the service tells of it all the same.
    Raises: KeyMissing, when the header is absent or cannot be used.
    """
    idempotency_key = request.headers.get(HEADER)
    if idempotency_key is None or not _USABLE.fullmatch(idempotency_key):
        message = "send an Idempotency-Key of 8 to 128 visible ASCII characters"
        raise KeyMissing(message)
    keys = keys_of(request)
    secret = keys.of_idempotency
    scope = f"{request.method} {request.scope['route'].path}"
    path = request.scope["path"].encode()
    asked = Asked(
        scope=scope,
        key_hash=_keyed(secret, b"key", idempotency_key.encode()),
        fingerprint=_keyed(secret, path, await request.body()),
        answers=keys.answers,
    )
    request.state.asked = asked
    return asked


def _keyed(secret: bytes, about: bytes, content: bytes) -> bytes:
    return hmac.digest(secret, len(about).to_bytes(4, "big") + about + content, "sha256")
