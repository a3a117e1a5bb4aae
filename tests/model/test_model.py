"""The erasure protocol as a model: its promises, what can happen in it, and faults it catches."""

from pathlib import Path

import pytest

from tests.model.checking import check, check_for_cycles

FROM_AN_OFFER: tuple[str, ...] = ()
FROM_AN_ORDER = ("FROM_AN_ORDER",)
STATES_MIN = 50_000
TWO_ERASURES = ("FROM_AN_ORDER", "TWO_ERASURES")


@pytest.mark.parametrize("settings", [FROM_AN_OFFER, FROM_AN_ORDER, TWO_ERASURES])
def test_every_promise_holds_in_every_state(tmp_path: Path, settings: tuple[str, ...]) -> None:
    """I7 to I10 hold, no erasure waits for ever, and in the end nothing of anyone is left."""
    finding = check(tmp_path, *settings)
    named = " ".join(settings) or "FROM_AN_OFFER"
    print(f"model, {named}: {finding.states} states")  # noqa: T201 - the figure of a sweep is said
    assert (finding.broken, finding.states > STATES_MIN) == (None, True)


@pytest.mark.parametrize("settings", [FROM_AN_OFFER, FROM_AN_ORDER])
def test_nothing_goes_round_for_ever(tmp_path: Path, settings: tuple[str, ...]) -> None:
    """Every way through the protocol comes to an end, so what holds at the end always comes."""
    assert check_for_cycles(tmp_path, *settings).broken is None


@pytest.mark.parametrize(
    ("settings", "happening"),
    [
        (FROM_AN_OFFER, "an_order_wins"),
        (FROM_AN_OFFER, "an_erasure_wins"),
        (FROM_AN_OFFER, "a_lost_acceptance_is_taken_back"),
        (FROM_AN_OFFER, "a_slow_acceptance_begins_again"),
        (FROM_AN_ORDER, "what_was_held_goes_later"),
        (FROM_AN_ORDER, "a_hold_stands_again"),
    ],
)
def test_what_should_be_possible_happens(
    tmp_path: Path, settings: tuple[str, ...], happening: str
) -> None:
    """Each end that the protocol is for is reached, so no promise holds because nothing moves."""
    assert check(tmp_path, *settings, f"WITNESS={happening}").broken == "it happens"


@pytest.mark.parametrize(
    ("settings", "fault", "promise"),
    [
        (FROM_AN_OFFER, "FORGET_OWNER", "completed on silence"),
        (FROM_AN_OFFER, "EVENT_FIRST", "I8 sealed before its key was made"),
        (FROM_AN_OFFER, "REMINT", "I7 a key was made behind the fence"),
        (FROM_AN_OFFER, "IGNORE_HOLD", "I9 destroyed under a hold"),
        (FROM_AN_ORDER, "INVOICE_FIRST", "I9 an invoice is held that cannot be read"),
        (FROM_AN_ORDER, "STALE_HOLD=1", "something is left for ever"),
        (FROM_AN_ORDER, "LAST_DAY_MOVES_BACK=1", "something is left for ever"),
    ],
)
def test_a_planted_fault_is_caught_by_name(
    tmp_path: Path, settings: tuple[str, ...], fault: str, promise: str
) -> None:
    """Each fault breaks the promise that stands against it."""
    assert check(tmp_path, *settings, fault).broken == promise
