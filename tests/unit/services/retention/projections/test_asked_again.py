"""An erasure's row when its owners had to be asked again."""

from datetime import timedelta
from functools import reduce
from itertools import permutations

from libs.events.values import Category, Owner
from libs.events.vocabulary.retention import ScrubAskedAgain
from services.retention.projections import erasure_progress
from services.retention.projections.erasure_progress import ErasureProgress
from tests.unit.services.retention.facts import ERASURE, NOW, RECORD, begun, recorded

HOUR = timedelta(hours=1)


def asked(hours: int) -> ScrubAskedAgain:
    """Asked so many hours later, and again after twice as many."""
    return ScrubAskedAgain(
        record=RECORD,
        silent=(Owner.CONSENT,),
        categories=(Category.QUOTE,),
        asked_at=NOW + hours * HOUR,
        next_at=NOW + 2 * hours * HOUR,
    )


def test_row_shows_the_last_asking_in_any_order() -> None:
    """Facts come in any order in a rebuild, and some come twice."""
    facts = recorded(begun, asked(1), asked(2), asked(4), record=ERASURE)
    for order in permutations(facts):
        start: ErasureProgress | None = None
        twice = (*order, *order)
        row = reduce(lambda row, one: erasure_progress.fold(row, one, (ERASURE,)), twice, start)
        assert row is not None
        assert (row.asked_again_at, row.ask_next_at) == (NOW + 4 * HOUR, NOW + 8 * HOUR)
