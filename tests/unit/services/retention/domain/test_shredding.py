"""What a shred round came to is told once."""

from uuid import UUID

import pytest

from libs.events.vocabulary.retention import KeysUnrecoverable
from services.retention.domain.shredding import (
    ERASURES_PER_FACT,
    SHREDDING,
    TellUnrecoverable,
)
from tests.unit.services.retention.facts import ERASURE, NOW


def tell(*erasures: UUID) -> TellUnrecoverable:
    """A round that covers these erasures."""
    return TellUnrecoverable(epoch=1, since=NOW, erasures=erasures)


def test_round_is_told_with_its_epoch_moment_and_erasures() -> None:
    """Everyone learns what is beyond recall since when."""
    told = SHREDDING.decide(tell(ERASURE), SHREDDING.initial)
    assert told == (KeysUnrecoverable(epoch=1, since=NOW, erasures=(ERASURE,)),)


def test_round_that_is_told_again_says_nothing() -> None:
    """A round killed after it was told is told once."""
    told = SHREDDING.decide(tell(ERASURE), SHREDDING.initial)
    assert SHREDDING.decide(tell(ERASURE), SHREDDING.fold(told)) == ()


@pytest.mark.parametrize(
    ("count", "facts"),
    [(0, 1), (1, 1), (ERASURES_PER_FACT, 1), (ERASURES_PER_FACT + 1, 2), (2500, 3)],
)
def test_many_erasures_make_several_facts(count: int, facts: int) -> None:
    """No fact is larger than a message may be, and none of the erasures is lost."""
    erasures = tuple(UUID(int=number) for number in range(count))
    told = SHREDDING.decide(tell(*erasures), SHREDDING.initial)
    named = tuple(one for it in told for one in getattr(it, "erasures", ()))
    assert (len(told), named) == (facts, erasures)
