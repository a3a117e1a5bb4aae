"""Facts and commands that the tests of consent begin from."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from libs.events.clock import FixedClock
from libs.events.event import Event
from libs.events.handle import Stamp
from libs.events.ids import CountedIds
from libs.events.personal import Personal, Sealed
from libs.events.recorded import Recorded
from libs.events.values import Category, Owner
from libs.events.vocabulary.consent import (
    ConsentChanged,
    ErasureRequested,
    Requester,
    RightsRequestAnswered,
    RightsRequestCarriedOut,
    RightsRequestReceived,
)
from libs.events.vocabulary.retention import ErasedPart, HeldPart
from libs.events.vocabulary.scrubbing import RecordScrubbed
from services.consent.domain.choices import PURPOSES, Answers, Choose, Source

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
RECORD = UUID(int=1)
OTHER = UUID(int=2)
ERASURE = UUID(int=3)
ALL = Answers(functional=True, analytical=True, advertisement=True, marketing=True, portfolio=True)
NONE = Answers()
SECRETS: dict[str, bytes] = {Category.RIGHTS_REQUEST: b"k" * 32}

received = RightsRequestReceived(
    right="erasure",
    language="nl",
    received_at=NOW,
    due_on=date(2026, 2, 28),
    requester=Personal(Requester(email="ada@example.org")),
)
requested = ErasureRequested(received_at=NOW, due_on=date(2026, 2, 28))
carried_out = RightsRequestCarriedOut(
    erasure=ERASURE,
    completed_at=NOW,
    erased=(ErasedPart(record=OTHER, category=Category.QUOTE, unreadable_since=NOW),),
    held=(
        HeldPart(
            record=OTHER,
            category=Category.BILLING,
            reason="order",
            basis="AWR art. 52(4)",
            until_on=date(2033, 12, 31),
        ),
    ),
)
answered = RightsRequestAnswered(erasure=ERASURE, outcome="held_in_part", told=True)


def sealed(event: RightsRequestReceived, box: bytes = b"box") -> RightsRequestReceived:
    """The receipt as a log gives it back: its part in a box."""
    return RightsRequestReceived(
        right=event.right,
        language=event.language,
        received_at=event.received_at,
        due_on=event.due_on,
        requester=Personal(Sealed(box)),
    )


def choose(answers: Answers = ALL, *, source: Source = Source.BANNER, gpc: bool = False) -> Choose:
    """A wish to choose."""
    return Choose(answers=answers, source=source, notice_version="3", language="en", gpc=gpc)


def chosen(answers: Answers = ALL, **details: Any) -> ConsentChanged:
    """A choice that was made."""
    said: dict[str, Any] = {name: name in answers.given() for name in PURPOSES}
    said |= {"source": "banner", "notice_version": "3", "language": "en", "gpc": False}
    return ConsentChanged(**{**said, "changed": PURPOSES, **details})


def scrubbed(*categories: Category, erasure: UUID = ERASURE) -> RecordScrubbed:
    """A scrub that consent answered."""
    return RecordScrubbed(
        owner=Owner.CONSENT, erasure=erasure, categories=categories, objects_deleted=0
    )


def recorded(*events: Event, record: UUID = RECORD) -> tuple[Recorded, ...]:
    """The events as the facts of one record, one after another."""
    stamp = Stamp(Owner.CONSENT, FixedClock(NOW), CountedIds())
    return stamp.record(record, (), events, secrets=SECRETS)
