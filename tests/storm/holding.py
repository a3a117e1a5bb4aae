"""I9, I10: what the law keeps is kept to its day and no longer; an order and an erasure agree."""

from collections import defaultdict
from collections.abc import Sequence

from tests.storm.calendar_oracle import day_after
from tests.storm.dumps import Dump, Hold, Place
from tests.storm.verdict import Verdict

BILLING = "billing"
YEAR_END = (12, 31)


def check_holds(dump: Dump) -> Verdict:
    """No hold ends early or stays past its day; of what was erased only what is held survives."""
    verdict = Verdict("I9", "what is held stays to its day, nothing else survives an erasure")
    for record, facts in _by_record(dump.order_holds).items():
        _check_hold(verdict, dump, record, facts)
    touched = {
        record for erasure in dump.erasures if erasure.completed for record in erasure.records
    }
    for place in dump.keys:
        if place[0] in touched:
            verdict.demand(place in dump.holds, f"{place} survived an erasure without a hold")
    return verdict


def _check_hold(verdict: Verdict, dump: Dump, record: str, facts: Sequence[Hold]) -> None:
    until_on = max(one.until_on for one in facts if one.until_on)
    released_at = next((one.released_at for one in facts if one.released_at), None)
    ends_at = day_after(until_on)
    verdict.demand((until_on.month, until_on.day) == YEAR_END, f"{record} is held until {until_on}")
    if released_at is None:
        verdict.demand(dump.now < ends_at, f"{record} is held past {until_on}")
    else:
        verdict.demand(released_at >= ends_at, f"{record} was let go at {released_at}, early")
    since = dump.unreadable.get((record, BILLING))
    verdict.demand(
        since is None or (released_at is not None and since >= released_at),
        f"{record} became unreadable at {since}, let go at {released_at}",
    )


def _by_record(holds: Sequence[Hold]) -> dict[str, list[Hold]]:
    found: dict[str, list[Hold]] = defaultdict(list)
    for one in holds:
        found[one.record].append(one)
    return found


def check_decisions(dump: Dump) -> Verdict:
    """An order is held everywhere, or its hold is over and it is gone everywhere: never half.

    Why: acceptance and erasure meet on one row of the keyring, and all services follow it.
    """
    verdict = Verdict("I10", "order and erasure agree in all services")
    verdict.checked += 1
    accepted = _records(dump, "quotes", "QuoteAccepted")
    placed = _records(dump, BILLING, "OrderPlaced")
    released = _records(dump, BILLING, "InvoiceHoldReleased")
    for record in accepted | placed:
        place = (record, BILLING)
        parts = {"accepted": record in accepted, "ordered": record in placed}
        parts |= _gone(dump, place) if record in released else _kept(dump, place)
        verdict.demand(all(parts.values()), f"{record}: {parts}")
    for record, category in dump.holds:
        is_order = category == BILLING and record in accepted
        verdict.demand(is_order, f"{record} is held in {category} without an order")
    return verdict


def _kept(dump: Dump, place: Place) -> dict[str, bool]:
    return {
        "key": place in dump.keys,
        "hold": place in dump.holds,
        "clock": dump.situations.get(place) == "held",
        "kept": place not in dump.erased,
    }


def _gone(dump: Dump, place: Place) -> dict[str, bool]:
    return {
        "no key": place not in dump.keys,
        "no hold": place not in dump.holds,
        "clock over": dump.situations.get(place) == "erased",
        "erased": place in dump.erased,
    }


def _records(dump: Dump, service: str, name: str) -> set[str]:
    log = dump.services[service].log if service in dump.services else ()
    return {fact.record for fact in log if fact.name == name}
