"""What consent does when it hears retention."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from libs.events.clock import FixedClock
from libs.events.event import Event
from libs.events.handle import Stamp
from libs.events.ids import CountedIds
from libs.events.recorded import Recorded
from libs.events.values import Category, Owner
from libs.events.vocabulary.retention import ErasureCompleted, RecordErased
from libs.events.work import Work
from libs.keyring.testing.memory_keyring import MemoryKeyring
from services.consent.app.reactions import on_erasure_completed, on_record_erased
from tests.unit.services.consent.facts import (
    ERASURE,
    NOW,
    OTHER,
    RECORD,
    carried_out,
    received,
    recorded,
    requested,
    scrubbed,
)

RECORD_ERASED = RecordErased(
    erasure=ERASURE, cause="request", categories=(Category.QUOTE,), unreadable_since=NOW
)


def _completed(request: UUID | None) -> ErasureCompleted:
    return ErasureCompleted(
        cause="request",
        request=request,
        erased=carried_out.erased,
        held=carried_out.held,
        recipients_told=(),
        completed_at=NOW,
        certificate="signed",
    )


def _heard(event: Event, record: UUID) -> Recorded:
    stamp = Stamp(Owner.RETENTION, FixedClock(NOW), CountedIds(900))
    (heard,) = stamp.record(record, (), [event])
    return heard


def _work(*past: Recorded) -> Work:
    async def load(_: Any, records: Collection[UUID]) -> dict[UUID, list[Recorded]]:
        return {record: [one for one in past if one.record == record] for record in records}

    stamp = Stamp(Owner.CONSENT, FixedClock(NOW), CountedIds(500))
    return Work(connection=None, stamp=stamp, load=load)  # type: ignore[arg-type]  # never asked


def _said(work: Work) -> list[Event]:
    return [one.event for append in work.appends for one in append.recorded]


async def test_erasure_of_any_record_is_answered() -> None:
    """Also a record that consent never kept gets its answer, or no erasure would complete."""
    work = _work()
    await on_record_erased(_heard(RECORD_ERASED, OTHER), work, keyring=MemoryKeyring())
    assert _said(work) == [scrubbed(Category.QUOTE)]


async def test_erasure_is_answered_once() -> None:
    """The same news twice gives one answer."""
    work = _work()
    for _ in range(2):
        await on_record_erased(_heard(RECORD_ERASED, OTHER), work, keyring=MemoryKeyring())
    assert len(_said(work)) == 1


async def test_outcome_reaches_the_request_it_came_from() -> None:
    """A completed erasure carries out the request that asked for it."""
    work = _work(*recorded(received, requested))
    await on_erasure_completed(_heard(_completed(RECORD), ERASURE), work)
    assert _said(work) == [carried_out]


async def test_outcome_passes_by_when_no_request_asked_for_it() -> None:
    """An erasure by a term or by staff concerns no request."""
    work = _work()
    await on_erasure_completed(_heard(_completed(None), ERASURE), work)
    assert _said(work) == []


async def test_outcome_of_an_unknown_request_changes_nothing() -> None:
    """An erasure for a request that is not ours gives no fact."""
    work = _work()
    await on_erasure_completed(_heard(_completed(OTHER), ERASURE), work)
    assert _said(work) == []
