"""The versions of the policy as they were published: one row per publication."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.view import Key
from libs.events.vocabulary.consent import PolicyPublished


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One publication.

    Units: `digest_sha256` is the SHA-256 of the policy file, in hex.
    """

    record: UUID
    version: int
    event_id: UUID
    policy_version: str
    effective_on: date
    digest_sha256: str
    published_at: datetime


HEARS: frozenset[type[Event]] = frozenset({PolicyPublished})
"""The facts that make a row."""


def fold(_row: PolicyVersion | None, recorded: Recorded, _key: Key) -> PolicyVersion | None:
    """The row of this publication, the same however often it is heard."""
    event = recorded.event
    if not isinstance(event, PolicyPublished):
        return None
    return PolicyVersion(
        record=recorded.record,
        version=recorded.version,
        event_id=recorded.event_id,
        policy_version=event.policy_version,
        effective_on=event.effective_on,
        digest_sha256=event.digest_sha256,
        published_at=recorded.recorded_at,
    )
