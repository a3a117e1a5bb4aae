"""What an erasure decides."""

import pytest

from libs.events.testing.spec import spec
from libs.events.values import Owner
from libs.events.vocabulary.retention import ErasureBegun
from services.retention.domain.erasure import (
    ERASURE,
    BeginErasure,
    CompleteErasure,
    NoteAnswer,
    waiting_for,
)
from services.retention.domain.refusals import ErasureUnknown, RecordNotOfErasure
from tests.unit.services.retention.facts import (
    NOW,
    OTHER,
    RECORD,
    REQUEST,
    all_answered,
    answered,
    begun,
    completed,
    erased_part,
    held_part,
)

COMPLETE = CompleteErasure(
    erased=(erased_part,),
    held=(held_part,),
    recipients_told=(),
    completed_at=NOW,
    certificate="signed",
)


def test_erasure_begins_once() -> None:
    """A cause that is heard again does not begin a second erasure."""
    command = BeginErasure(cause="request", request=REQUEST, records=(RECORD, OTHER))
    spec(ERASURE).when(command).then(begun)
    spec(ERASURE).given(begun).when(command).does_nothing()


def test_erasure_names_each_record_once() -> None:
    """A record that is linked twice is erased once."""
    command = BeginErasure(cause="staff", records=(RECORD, RECORD))
    expected = ErasureBegun(cause="staff", request=None, records=(RECORD,))
    spec(ERASURE).when(command).then(expected)


def test_answer_is_noted_once() -> None:
    """An owner that repeats itself is heard once."""
    command = NoteAnswer(records=(RECORD,), owner=Owner.QUOTES)
    spec(ERASURE).given(begun).when(command).then(answered(Owner.QUOTES))
    spec(ERASURE).given(begun, answered(Owner.QUOTES)).when(command).does_nothing()


def test_answer_to_no_erasure_is_refused() -> None:
    """An answer must belong to an erasure that was begun."""
    command = NoteAnswer(records=(RECORD,), owner=Owner.QUOTES)
    spec(ERASURE).when(command).refuses(ErasureUnknown)


def test_answer_for_a_foreign_record_is_refused() -> None:
    """An owner cannot answer for a record the erasure does not reach."""
    command = NoteAnswer(records=(REQUEST,), owner=Owner.QUOTES)
    spec(ERASURE).given(begun).when(command).refuses(RecordNotOfErasure)


def test_erasure_is_completed_by_the_last_answer() -> None:
    """A record that lost a key needs every owner; one that is wholly held needs retention only."""
    history = (begun, *all_answered(RECORD), answered(Owner.RETENTION, OTHER))
    spec(ERASURE).given(*history).when(COMPLETE).then(completed)


@pytest.mark.parametrize("missing", [Owner.RETENTION, Owner.QUOTES, Owner.CONSENT, Owner.BILLING])
def test_erasure_is_not_completed_while_an_answer_is_missing(missing: Owner) -> None:
    """No certificate before every owner has said that its copies are gone."""
    some = [one for one in all_answered(RECORD) if one.owner != missing]
    history = (begun, *some, answered(Owner.RETENTION, OTHER))
    spec(ERASURE).given(*history).when(COMPLETE).does_nothing()


def test_erasure_is_completed_once() -> None:
    """There is one certificate for an erasure."""
    history = (begun, *all_answered(RECORD), answered(Owner.RETENTION, OTHER), completed)
    spec(ERASURE).given(*history).when(COMPLETE).does_nothing()


def test_nothing_is_waited_for_when_no_record_was_found() -> None:
    """An erasure of nobody is done at once."""
    assert waiting_for((), frozenset(), frozenset()) == ()
