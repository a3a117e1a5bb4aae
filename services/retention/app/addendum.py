"""The addendum to a certificate: since when no copy anywhere gives the destroyed keys back.

The certificate is signed when every owner has answered and never changes; the shred round that
ends the keys' epoch comes later, within a day. So what it adds is a second signed document, which
names the first. It is made of recorded facts alone; Ed25519 gives the same bytes at each signing.
Source: D8, D9; RFC 8032 §5.1.
"""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec

from services.retention.projections.erasure_progress import ErasureProgress

ADDENDUM_TYPE = "flux3d-erasure-addendum+jws"


class AddendumContent(msgspec.Struct, frozen=True, kw_only=True):
    """Both moments of an erasure, signed as a whole.

    Shape: `unreadable_since` is the moment of the last key; `epoch` the last that ended.
    """

    addendum_version: int = 1
    erasure: UUID
    certificate_sha256: str
    unreadable_since: datetime
    unrecoverable_since: datetime
    epoch: int
    statement: str


def addendum_of(row: ErasureProgress) -> AddendumContent | None:
    """What is to be added to the certificate; none before the shred round, or if no key went."""
    if row.certificate is None or row.unreadable_since is None or row.unrecoverable is None:
        return None
    since, epoch = row.unrecoverable
    return AddendumContent(
        erasure=row.erasure,
        certificate_sha256=hashlib.sha256(row.certificate.encode()).hexdigest(),
        unreadable_since=row.unreadable_since,
        unrecoverable_since=since,
        epoch=epoch,
        statement=_statement(row.unreadable_since, since),
    )


def _statement(unreadable: datetime, unrecoverable: datetime) -> str:
    return (
        f"What was destroyed has been unreadable since {_moment(unreadable)}. Since "
        f"{_moment(unrecoverable)} it cannot be recovered either: the key that wrapped the "
        "destroyed keys is gone, so neither the database's files and logs nor any backup can give "
        "them back."
    )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
