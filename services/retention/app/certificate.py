"""The certificate of an erasure: what it says, and the signature that lets anyone check it.

A certificate names records and categories, never a person, so it may be shown to whoever knows
the erasure's id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from libs.events.vocabulary.retention import ErasedPart, HeldPart
from services.retention.app.addendum import ADDENDUM_TYPE, AddendumContent

ALGORITHM = "Ed25519"
"""The name RFC 9864 gives EdDSA with this curve."""

MEDIA_TYPE = "flux3d-erasure-certificate+jws"


class CertificateForged(ValueError):
    """A certificate does not carry our signature, or is of another erasure."""


class CertificateContent(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure came to, signed as a whole.

    Shape: `erased` and `held` are complete for this erasure; `recipients_told` names outside
    parties that were told.
    """

    certificate_version: int = 1
    erasure: UUID
    cause: str
    request: UUID | None
    begun_at: datetime
    completed_at: datetime
    policy_version: str
    policy_digest: str
    erased: tuple[ErasedPart, ...]
    held: tuple[HeldPart, ...]
    recipients_told: tuple[str, ...]
    statement: str


@dataclass(frozen=True)
class Certifier:
    """Signs certificates with one Ed25519 key, and checks what it signed."""

    key: OKPKey

    @classmethod
    def from_file(cls, path: Path) -> "Certifier":
        """Sign with the key in this PEM file.

        Raises: FileNotFoundError, when the setup has not made it.
        """
        return cls(OKPKey.import_key(path.read_bytes()))

    def public_key(self) -> Mapping[str, Any]:
        """The public key as a JWK, its thumbprint as its id.

        Source: RFC 7517, RFC 7638, RFC 8037.
        """
        return {
            **self.key.as_dict(private=False),
            "kid": self.key.thumbprint(),
            "use": "sig",
            "alg": ALGORITHM,
        }

    def sign(self, content: CertificateContent) -> str:
        """The certificate as a compact JWS.

        Source: RFC 7515 §7.1.
        """
        return self._sign(content, MEDIA_TYPE)

    def sign_addendum(self, content: AddendumContent) -> str:
        """The addendum as a compact JWS of its own type; the same bytes each time."""
        return self._sign(content, ADDENDUM_TYPE)

    def _sign(self, content: msgspec.Struct, media_type: str) -> str:
        header = {"alg": ALGORITHM, "kid": self.key.thumbprint(), "typ": media_type}
        payload = msgspec.json.encode(content)
        return jws.serialize_compact(header, payload, self.key, algorithms=[ALGORITHM])

    def read(self, certificate: str) -> CertificateContent:
        """What a certificate says, once its signature is checked.

        Raises: CertificateForged, when the signature is not of this key.
        """
        try:
            signed = jws.deserialize_compact(certificate, self.key, algorithms=[ALGORITHM])
            return msgspec.json.decode(signed.payload, type=CertificateContent)
        except (JoseError, msgspec.MsgspecError, ValueError) as error:
            message = f"the certificate is not signed by this key ({type(error).__name__})"
            raise CertificateForged(message) from error


def statement(erased: tuple[ErasedPart, ...], held: tuple[HeldPart, ...]) -> str:
    """What the certificate says, in plain words.

    Why: "anonymous" is never said of data whose key was destroyed: it is unreadable.
    """
    said = [_said_of_erased(erased)]
    said.extend(_said_of_held(part) for part in held)
    if held:
        said.append("What is held goes by the same path, by itself, when its date has passed.")
    return " ".join(said)


def _said_of_erased(erased: tuple[ErasedPart, ...]) -> str:
    if not erased:
        return "Nothing was destroyed: no key was there that could go."
    records = len({part.record for part in erased})
    return (
        f"The keys of {_counted(len(erased), 'category', 'categories')} of "
        f"{_counted(records, 'record', 'records')} were destroyed; what they sealed cannot be "
        "read any more, and every service that kept it answered that its copies are gone."
    )


def _said_of_held(part: HeldPart) -> str:
    until = f"until {part.until_on.isoformat()}" if part.until_on else "until its order is known"
    basis = part.basis.rstrip(".")
    return f"The {part.category} data of record {part.record} stay {until}: {basis}."


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
