"""I6, I7, I10: who was erased is gone everywhere and stays so; an order and an erasure agree."""

from collections.abc import Mapping

from tests.storm.conservation import rows_of
from tests.storm.dumps import Dump
from tests.storm.verdict import Verdict

OWNERS = ("quotes", "consent", "billing")
BOXES = {
    "quote_status": "quote",
    "rights_request": "rights_request",
    "order_register": "billing",
}
"""Under which category's key the box in each view lies."""


def check_erasures(dump: Dump) -> Verdict:
    """Every erasure is completed and signed; the certificate says what the facts say.

    Shape: for each record that lost a key each owner answered once.
    """
    verdict = Verdict("I6", "every erasure is answered, certified and complete")
    verdict.checked += 1
    answers = {
        service: {fact.record for fact in one.log if fact.name == "RecordScrubbed"}
        for service, one in dump.services.items()
    }
    for record in {record for record, _ in dump.erased}:
        silent = [owner for owner in OWNERS if record not in answers.get(owner, set())]
        verdict.demand(not silent, f"{record}: no answer of {silent}")
    for erasure in dump.erasures:
        erased = {place for place, by in dump.erased.items() if by == erasure.erasure}
        held = {place for place, by in dump.held.items() if erasure.erasure in by}
        verdict.demand(erasure.is_signed, f"the certificate of {erasure.erasure} is not genuine")
        verdict.demand(erasure.certified == erased, f"{erasure.erasure} certifies other keys")
        verdict.demand(erasure.certified_held == held, f"{erasure.erasure} certifies other holds")
    return verdict


def check_gone(dump: Dump, answers: Mapping[str, bool]) -> Verdict:
    """What was erased has no key and no box, and no door shows it.

    Shape: `answers` says for records that were asked for at a door whether a person was shown.
    """
    verdict = Verdict("I7", "what was erased has no key, no box and no answer")
    verdict.checked += 1
    for place, erasure in dump.erased.items():
        verdict.demand(place not in dump.keys, f"{place} has a key after erasure {erasure}")
        verdict.demand(dump.situations.get(place) == "erased", f"retention keeps {place}")
    for view, category in BOXES.items():
        for record, row in rows_of(dump, view).items():
            is_gone = (record, category) in dump.erased
            verdict.demand(not (is_gone and row.has_box), f"{view} holds a box of {record}")
    for record, shows_person in answers.items():
        is_gone = (record, "quote") in dump.erased
        verdict.demand(shows_person != is_gone, f"the door of {record} shows {shows_person}")
    return verdict


def check_decisions(dump: Dump) -> Verdict:
    """An order is held everywhere or nowhere: never half.

    Why: acceptance and erasure meet on one row of the keyring, and all services follow it.
    """
    verdict = Verdict("I10", "order and erasure agree in all services")
    verdict.checked += 1
    accepted = _records(dump, "quotes", "QuoteAccepted")
    placed = _records(dump, "billing", "OrderPlaced")
    for record in accepted | placed:
        place = (record, "billing")
        parts = {
            "accepted": record in accepted,
            "ordered": record in placed,
            "key": place in dump.keys,
            "hold": place in dump.holds,
            "clock": dump.situations.get(place) == "held",
            "kept": place not in dump.erased,
        }
        verdict.demand(all(parts.values()), f"{record}: {parts}")
    for record, category in dump.holds:
        is_order = category == "billing" and record in accepted
        verdict.demand(is_order, f"{record} is held in {category} without an order")
    return verdict


def _records(dump: Dump, service: str, name: str) -> set[str]:
    log = dump.services[service].log if service in dump.services else ()
    return {fact.record for fact in log if fact.name == name}
