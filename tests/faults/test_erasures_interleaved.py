"""Erasures against whatever else happens to the record: every interleaving of the real handlers."""

from collections.abc import Mapping

import pytest

from tests.faults.extent import Extent
from tests.simulation.asking_again import ASKED_AGAIN
from tests.simulation.choices import CHOICES
from tests.simulation.pairs import NUMBERED, PAIRS, Pair
from tests.simulation.promises import Broken
from tests.simulation.rebuilding import REBUILDS
from tests.simulation.restoring import restored_during_an_erasure
from tests.simulation.sweeping import sweep_over

pytestmark = pytest.mark.timeout(600)


def sweep(extent: Extent, pairs: Mapping[str, Pair]) -> None:
    """Every interleaving of each pair, every promise looked at after every step."""
    for name, pair in pairs.items():
        swept = sweep_over(name, pair)
        assert swept.ends > 0
        extent.saw(swept.figures(name))


def numbered(fault: str) -> dict[str, Pair]:
    """The pairs that stand for a fault."""
    return {name: PAIRS[name] for name in NUMBERED[fault]}


def test_f59_second_erasure_while_one_is_under_way(extent: Extent) -> None:
    """Each erasure ends with a certificate of its own, and a key is destroyed once."""
    sweep(extent, numbered("F59"))


def test_f60_erasure_during_intake(extent: Extent) -> None:
    """Nothing is kept under a key that is gone, however late it comes in."""
    sweep(extent, numbered("F60"))


def test_f61_order_placed_during_erasure(extent: Extent) -> None:
    """One outcome for all services; the loser of the race is told."""
    sweep(extent, numbered("F61"))


def test_f62_invoice_hold_against_erasure(extent: Extent) -> None:
    """Books are never destroyed under a hold, however late its message; silence is no answer."""
    sweep(extent, {**numbered("F62"), **ASKED_AGAIN})


def test_f65_choices_of_two_devices_at_once(extent: Extent) -> None:
    """Whatever the devices did at once, the last word afterwards is what counts."""
    sweep(extent, {name: pair for name, pair in CHOICES.items() if "device" in name})


def test_f66_choices_erased_while_a_person_is(extent: Extent) -> None:
    """A visitor's choices name nobody, are erased for themselves, and begin anew unlinked."""
    sweep(extent, {name: pair for name, pair in CHOICES.items() if "erased" in name})


def test_f67_views_rebuilt_while_an_erasure_goes_on(extent: Extent) -> None:
    """A view that is built meanwhile is what the facts say, in any order of records."""
    sweep(extent, REBUILDS)


def test_f70_restore_without_the_journal_is_seen(extent: Extent) -> None:
    """The control: where the journal is left out, a destroyed key comes back and is told."""
    with pytest.raises(Broken, match="came back with the backup"):
        sweep_over("without the journal", restored_during_an_erasure(replays=False))
    extent.saw("without the journal a destroyed key came back, and was seen")


def test_f71_backup_and_restore_at_every_step_of_an_erasure(extent: Extent) -> None:
    """Whenever it was backed up and whenever restored, what was journaled is gone and certified."""
    sweep(extent, {"backup and restore": restored_during_an_erasure()})


def test_f74_sweep_erasure_and_hold_on_one_record(extent: Extent) -> None:
    """The end of a hold, the sweep that tells it and an erasure come to one end."""
    sweep(extent, numbered("F74"))
