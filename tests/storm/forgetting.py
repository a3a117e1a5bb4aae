"""I6, I7, I8: who was erased is gone everywhere and stays so."""

from collections.abc import Mapping
from datetime import timedelta

from libs.events.catalogue import CATALOGUE
from tests.storm.conservation import rows_of
from tests.storm.dumps import Dump
from tests.storm.verdict import Verdict

SEALED = {
    name: frozenset(part.category for part in entry.parts.values())
    for name, entry in CATALOGUE.items()
}
"""Under which categories' keys the parts of each kind of fact are sealed."""

REMEMBERED = timedelta(seconds=60)
"""How long a destroyed key may be remembered where the broadcast of its end was lost."""

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


def check_sealed(dump: Dump) -> Verdict:
    """No fact is sealed under a destroyed key.

    Shape: in its own log none stands behind the owner's answer; anywhere none is recorded later
    than a destroyed key may be remembered.
    """
    verdict = Verdict("I8", "nothing was sealed under a key after its end")
    for service, one in dump.services.items():
        for fact in one.log:
            for category in SEALED.get(fact.name, ()):
                place = (fact.record, category)
                answered = one.scrubbed.get(place)
                since = dump.unreadable.get(place)
                verdict.demand(
                    (answered is None or fact.version < answered)
                    and (since is None or fact.recorded_at <= since + REMEMBERED),
                    f"{service}: {fact.name} {fact.event_id} was sealed after the end of {place}",
                )
    return verdict
