"""Worlds that go on at random: deaths, repeats, outages, delays, and years."""

import pytest

from tests.simulation.chance import ByChance

SEEDS = 200
BATCH = 25


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_no_seed_breaks_a_promise(first: int) -> None:
    """Whatever happens in whatever order, every erasure is whole and in the end nothing is left."""
    for seed in range(first, first + BATCH):
        chance = ByChance(seed)
        try:
            chance.run()
        except AssertionError as broken:
            broken.add_note(f"seed {seed}: {dict(chance.seen)}")
            raise


def test_the_same_seed_goes_the_same_way() -> None:
    """A seed that failed can be looked at again."""
    one, other = ByChance(11), ByChance(11)
    one.run()
    other.run()
    assert (one.seen, one.world.mark()) == (other.seen, other.world.mark())


def test_chance_reaches_what_matters() -> None:
    """The seeds see orders, holds met and released, invoices, deaths, repeats and outages."""
    seen = ByChance(0).seen
    for seed in range(30):
        chance = ByChance(seed)
        chance.run()
        seen += chance.seen
    wanted = ("OrderPlaced", "RecordHeld", "InvoiceHoldReleased", "InvoiceIssued")
    missing = [name for name in (*wanted, "deaths", "repeats", "outages") if not seen[name]]
    assert missing == []
