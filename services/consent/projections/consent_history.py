"""Every choice ever made, for auditors: one row per fact, never changed, about no person."""

from datetime import datetime
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.view import Key
from libs.events.vocabulary.consent import ConsentChanged


class PastChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One choice as it was made.

    Why: it stays when the visitor's record is erased; without the keyring's link it names nobody.
    """

    record: UUID
    version: int
    event_id: UUID
    recorded_at: datetime
    functional: bool
    analytical: bool
    advertisement: bool
    marketing: bool
    portfolio: bool
    source: str
    notice_version: str
    language: str
    gpc: bool
    changed: tuple[str, ...]
    refused_by_signal: tuple[str, ...]


HEARS: frozenset[type[Event]] = frozenset({ConsentChanged})
"""The facts that make a row."""


def fold(_row: PastChoice | None, recorded: Recorded, _key: Key) -> PastChoice | None:
    """The row of this fact, the same however often it is heard."""
    event = recorded.event
    if not isinstance(event, ConsentChanged):
        return None
    return PastChoice(
        record=recorded.record,
        version=recorded.version,
        event_id=recorded.event_id,
        recorded_at=recorded.recorded_at,
        functional=event.functional,
        analytical=event.analytical,
        advertisement=event.advertisement,
        marketing=event.marketing,
        portfolio=event.portfolio,
        source=event.source,
        notice_version=event.notice_version,
        language=event.language,
        gpc=event.gpc,
        changed=event.changed,
        refused_by_signal=event.refused_by_signal,
    )
