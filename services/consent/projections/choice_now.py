"""A visitor's present choice: one row per record, and none once it is erased."""

from datetime import datetime
from uuid import UUID

import msgspec

from libs.events.event import Event
from libs.events.recorded import Recorded
from libs.events.values import Category
from libs.events.view import Key
from libs.events.vocabulary.consent import ConsentChanged
from libs.events.vocabulary.scrubbing import RecordScrubbed


class ChoiceNow(msgspec.Struct, frozen=True, kw_only=True):
    """What counts for one visitor now, and the fact that says so."""

    record: UUID
    version: int
    event_id: UUID
    chosen_at: datetime
    functional: bool
    analytical: bool
    advertisement: bool
    marketing: bool
    portfolio: bool
    source: str
    notice_version: str
    language: str
    gpc: bool
    refused_by_signal: tuple[str, ...]


HEARS: frozenset[type[Event]] = frozenset({ConsentChanged, RecordScrubbed})
"""The facts that change a row."""


def fold(row: ChoiceNow | None, recorded: Recorded, _key: Key) -> ChoiceNow | None:
    """The last choice; none once erased, because nobody can ask for it any more.

    Shape: a fact the row has seen already changes nothing.
    """
    event = recorded.event
    if row is not None and recorded.version <= row.version:
        return row
    if isinstance(event, RecordScrubbed):
        return None if Category.CONSENT in event.categories else row
    return chosen(recorded, event) if isinstance(event, ConsentChanged) else row


def chosen(recorded: Recorded, event: ConsentChanged) -> ChoiceNow:
    """The row that one choice makes."""
    return ChoiceNow(
        record=recorded.record,
        version=recorded.version,
        event_id=recorded.event_id,
        chosen_at=recorded.recorded_at,
        functional=event.functional,
        analytical=event.analytical,
        advertisement=event.advertisement,
        marketing=event.marketing,
        portfolio=event.portfolio,
        source=event.source,
        notice_version=event.notice_version,
        language=event.language,
        gpc=event.gpc,
        refused_by_signal=event.refused_by_signal,
    )
