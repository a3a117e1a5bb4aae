"""When an erasure counts as beyond recall."""

from datetime import datetime, timedelta
from functools import reduce
from itertools import permutations

import msgspec
import pytest

from libs.events.recorded import Recorded
from libs.events.values import Category
from libs.events.vocabulary.retention import KeysUnrecoverable
from services.retention.app.addendum import addendum_of
from services.retention.projections import erasure_progress
from services.retention.projections.erasure_progress import ErasureProgress
from tests.unit.services.retention.facts import (
    ERASURE,
    NOW,
    OTHER,
    RECORD,
    all_answered,
    begun,
    billing_held,
    completed,
    erased,
    recorded,
)

SOON = NOW + timedelta(hours=8)
LATER = NOW + timedelta(days=2)
ENDED = recorded(begun, *all_answered(RECORD), completed, record=ERASURE)
WENT = recorded(erased(Category.QUOTE), record=RECORD, start=50)


def shred(since: datetime, epoch: int = 1) -> tuple[Recorded, ...]:
    """A shred round that covers the erasure and another."""
    fact = KeysUnrecoverable(epoch=epoch, since=since, erasures=(OTHER, ERASURE))
    return recorded(fact, record=OTHER, start=80 + epoch)


def row_after(*facts: Recorded) -> ErasureProgress:
    """The erasure's row after these facts."""
    start: ErasureProgress | None = None
    row = reduce(lambda row, one: erasure_progress.fold(row, one, (ERASURE,)), facts, start)
    assert row is not None
    return row


def test_round_finds_the_row_of_each_erasure_it_covers() -> None:
    """One fact, as many rows as erasures."""
    assert erasure_progress.keys(shred(SOON)[0]) == ((OTHER,), (ERASURE,))


def test_round_after_the_last_key_makes_it_unrecoverable() -> None:
    """Both moments are known from then on."""
    row = row_after(*ENDED, *WENT, *shred(SOON, 3))
    assert (row.unreadable_since, row.unrecoverable) == (NOW, (SOON, 3))
    assert not row.is_recoverable


def test_first_round_that_covers_it_counts() -> None:
    """A later round, as after a restore, does not move a moment that was signed."""
    row = row_after(*ENDED, *WENT, *shred(LATER, 2), *shred(SOON, 1))
    assert row.unrecoverable == (SOON, 1)


def test_round_before_the_last_key_counts_for_nothing() -> None:
    """An erasure that went on after the round began waits for the next one."""
    row = row_after(*ENDED, *WENT, *shred(NOW))
    assert (row.unrecoverable, row.is_recoverable) == (None, True)


@pytest.mark.parametrize(
    "facts",
    [(*ENDED[:1], *WENT, *shred(SOON)), (*ENDED, *shred(SOON))],
    ids=["not completed", "nothing destroyed"],
)
def test_no_addendum_before_there_is_something_to_add(facts: tuple[Recorded, ...]) -> None:
    """Only a completed erasure that destroyed a key gets one."""
    row = row_after(*facts)
    assert (row.unrecoverable, row.is_recoverable, addendum_of(row)) == (None, False, None)


def test_row_is_the_same_in_any_order_and_with_repeats() -> None:
    """Rounds and records are rebuilt in any order."""
    held = recorded(billing_held, record=OTHER, start=60)
    facts = (ENDED[0], ENDED[-1], *WENT, *held, *shred(SOON, 1), *shred(LATER, 2))
    expected = row_after(*facts)
    for order in permutations(facts):
        assert row_after(*order, *order[:2]) == expected


@pytest.mark.policy("5.1.backups")
def test_addendum_names_both_moments_and_its_certificate() -> None:
    """It is bound to the very certificate it adds to."""
    row = row_after(*ENDED, *WENT, *shred(SOON, 3))
    added, other = (
        addendum_of(row),
        addendum_of(msgspec.structs.replace(row, certificate="another")),
    )
    assert added is not None
    assert other is not None
    assert (added.unreadable_since, added.unrecoverable_since, added.epoch) == (NOW, SOON, 3)
    assert added.certificate_sha256 != other.certificate_sha256
